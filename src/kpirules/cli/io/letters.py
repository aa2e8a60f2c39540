"""Letters and characters by their frequency in names and headings, to detect encodings.

The letters of most languages are in charset-normalizer's tables, the most frequent first.
"""

from __future__ import annotations

from typing import Final


#: letters that are missing in charset-normalizer's tables, by its names of languages
RARER: Final = {
    "German": "ßqxyé",
    "French": "zêçkùâîôûëïüœwæÿ",
    "Dutch": "éïüöèqç",
    "Italian": "jéìùòîwxy",
    "Spanish": "ñúüxkw",
    "Portuguese": "óúâêôõàjküxwy",
    "Swedish": "éèüzqw",
    "Danish": "éqzèü",
    "Norwegian": "éøqzóòôü",
    "Finnish": "åšžqxwé",
    "Polish": "śżćńźfvqx",
    "Czech": "žýůúšďťňóxwgqf",
    "Slovak": "ťďúňľôäóĺŕěřxwgqf",
    "Hungarian": "íóöőúüűcwxqy",
    "Slovene": "đćqwxy",
    "Croatian": "đqwxy",
    "Romanian": "şţzkxwqy",
    "Turkish": "öğjîâûfwxq",
    "Russian": "щюшэёъфц",
    "Ukrainian": "щшюєґжхфїь",
    "Bulgarian": "фюьщшяй",
    "Serbian": "љњђћџфхжшч",
    "Greek": "βζφξψέϊΐϋΰάώ",
}
#: languages without a table in charset-normalizer; the most frequent letters first
OTHER: Final = {"Icelandic": "anreiutsðglmkfvhdájoóíöyéþúbæýpx"}
#: the languages of each single-byte encoding
LANGUAGES: Final[dict[str, tuple[str, ...]]] = {
    "cp1252": (
        "German",
        "French",
        "Spanish",
        "Portuguese",
        "Italian",
        "Dutch",
        "Swedish",
        "Danish",
        "Norwegian",
        "Finnish",
        "Icelandic",
    ),
    "cp1250": (
        "Polish",
        "Czech",
        "Slovak",
        "Hungarian",
        "Slovene",
        "Croatian",
        "Romanian",
        "German",
    ),
    "cp1254": ("Turkish", "German", "French"),
    "cp1251": ("Russian", "Ukrainian", "Bulgarian", "Serbian"),
    "cp1253": ("Greek",),
    "koi8_r": ("Russian",),
    "mac_roman": ("German", "French", "Spanish", "Portuguese", "Italian", "Swedish", "Danish"),
    "cp850": ("German", "French", "Spanish", "Portuguese", "Italian", "Dutch", "Swedish", "Danish"),
}
#: characters of Chinese names, headings and remarks
SIMPLIFIED: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝"
    "龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左"
    "柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈"
    "饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵"
    "苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝伟芳娜敏静丽强磊军洋勇艳"
    "杰娟涛超秀霞平刚英玉红辉建国志峰鹏飞宇浩轩然子涵梓欣怡佳琪雨婷雪琳思远俊豪博睿晨昊天泽宸"
    "铭诗雅梦洁倩莹瑶菲薇蕾璐瑞凯斌波亮健海燕春秋冬凤云丹萍玲珍淑惠慧芬琴素菊莲荷蓉茜妍妮婉婧"
    "娴嫣晓小大少永长新民福德贵富祥乐庆喜嘉良善正义忠信仁爱顺兴旺昌隆光耀辰星月晴彤露霖森松楠"
    "桐梧竹若紫可依一萱语心悦皓行知书翰墨哲彦卿君姓名工号编员部门岗位职务日期份年备注合计总均"
    "得分数评自上级考核者人本同事客户服投诉到早退旷缺勤出请假病次量率完目标销售额业绩态度能力"
    "技质效学习创团队协作责律奖惩扣加序优好格不称等薪资班测试二三四五六七八九十甲乙丙是否有无"
    "达未尔斯克拉特阿之山里西利家卡布公生尼夫那东维纳宝老太科巴伯亚元儿塔奥中萨普汉道哈瓦立洛"
    "木南伊青花清水勒世贝莱恩托士诺相姆基河帝兵封玄官祖双诸县剑曼镇奇氏赫塞乌迪过法城靖哥掌保"
    "美希香伦索树帕多通州铁先修真洪皮来库从叔比埃蒂弗北图宣泰广玛爷黑耶言朝后笑望楚戈风见臣村"
    "寺灵慈威萧晋闻圣常居承为神佩才延堂寿智皇主登内开由传盖振银川如廷胜都进邦其礼怀满贤兄化敬"
    "朗弟湖引母虎越府权代鱼沃赛襄仙郡了在这他个地我会以要的说也下们就发对用你着市经而政面动区"
    "去定产前还起种所现理机体表外与当两实重么只又制没此将手最头间看各但已些口想第她院物性战点"
    "意场使治因样身情入原问把被并教及省委回系气展电声提品设或社很统处首共形己领直别女话流命至"
    "报给打变果活几议更今决导术交放结便走族反再题色京接条规式它改运受什组听百济指论做取选记却"
    "界件类眼带空干据集联难增历专每住即步认台必死举线土收求叫近研争非具众调感转"
)
#: the same characters in the script of Taiwan and Hong Kong
TRADITIONAL: Final = frozenset(
    "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾肖田董袁潘於蔣蔡餘杜葉程"
    "蘇魏呂丁任沈姚盧姜崔鍾譚陸汪範金石廖賈夏韋付方白鄒孟熊秦邱江尹薛閆段雷侯龍史陶黎賀顧毛郝"
    "龔邵萬錢嚴覃武戴莫孔向湯溫康施文牛樊葛邢安齊易喬伍龐顏倪莊聶章魯嶽翟殷詹申歐耿關蘭焦俞左"
    "柳甘祝包寧尚符舒阮柯紀梅童凌畢單季裴霍塗成苗谷盛曲翁冉駱藍路遊辛靳管柴蒙鮑華喻祁蒲房滕屈"
    "饒解牟艾尤陽時穆農司卓古吉繆簡車項連蘆麥褚婁竇戚岑景黨宮費卜冷晏席衛米柏宗瞿桂全佟應臧閔"
    "苟鄔邊卞姬師和仇欒隋商刁沙榮巫寇桑郎甄叢仲虞敖鞏明佘池查麻苑遲鄺偉芳娜敏靜麗強磊軍洋勇豔"
    "傑娟濤超秀霞平剛英玉紅輝建國志峰鵬飛宇浩軒然子涵梓欣怡佳琪雨婷雪琳思遠俊豪博睿晨昊天澤宸"
    "銘詩雅夢潔倩瑩瑤菲薇蕾璐瑞凱斌波亮健海燕春秋冬鳳雲丹萍玲珍淑惠慧芬琴素菊蓮荷蓉茜妍妮婉婧"
    "嫻嫣曉小大少永長新民福德貴富祥樂慶喜嘉良善正義忠信仁愛順興旺昌隆光耀辰星月晴彤露霖森松楠"
    "桐梧竹若紫可依一萱語心悅皓行知書翰墨哲彥卿君姓名工號編員部門崗位職務日期份年備注合計總均"
    "得分數評自上級考核者人本同事客戶服投訴到早退曠缺勤出請假病次量率完目標銷售額業績態度能力"
    "技質效學習創團隊協作責律獎懲扣加序優好格不稱等薪資班測試二三四五六七八九十甲乙丙是否有無"
    "達未爾斯克拉特阿之山裡西利家卡布公生尼夫那東維納寶老太科巴伯亞元兒塔奧中薩普漢道哈瓦立洛"
    "木南伊青花清水勒世貝萊恩託士諾相姆基河帝兵封玄官祖雙諸縣劍曼鎮奇氏赫塞烏迪過法城靖哥掌保"
    "美希香倫索樹帕多通州鐵先修真洪皮來庫從叔比埃蒂弗北圖宣泰廣瑪爺黑耶言朝後笑望楚戈風見臣村"
    "寺靈慈威蕭晉聞聖常居承為神佩才延堂壽智皇主登內開由傳蓋振銀川如廷勝都進邦其禮懷滿賢兄化敬"
    "朗弟湖引母虎越府權代魚沃賽襄仙郡了在這他個地我會以要的說也下們就發對用你著市經而政面動區"
    "去定產前還起種所現理機體表外與當兩實重麼只又制沒此將手最頭間看各但已些口想第她院物性戰點"
    "意場使治因樣身情入原問把被並教及省委回系氣展電聲提品設或社很統處首共形己領直別女話流命至"
    "報給打變果活幾議更今決導術交放結便走族反再題色京接條規式它改運受什組聽百濟指論做取選記卻"
    "界件類眼帶空幹據集聯難增歷專每住即步認臺必死舉線土收求叫近研爭非具眾調感轉"
)
#: syllables of Korean names and headings
KOREAN: Final = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지수영"
    "현준연은경희숙자순철호훈재혁동규상원태석용기병창인선미혜아나다라마바사름번점계합근무부각"
    "결출달월일년팀직평가객만족도판매실적비급여메모총균목표율건시간휴책코드등보빛슬예빈채린후"
    "찬솔별봄소"
)
