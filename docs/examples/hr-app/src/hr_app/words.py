"""The words of the application's own pages; those of forms and results come from the ruleset."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header


WORDS = {
    "en": {
        "appraisals": "Appraisals",
        "new": "New appraisal",
        "form": "Form",
        "period": "Month",
        "begin": "Fill in",
        "employee": "Employee",
        "total": "Total",
        "tier": "Tier",
        "pay": "Pay",
        "since": "Rules effective from",
        "facts": "Facts of the month",
        "items": "Ratings",
        "choose": "choose",
        "default": "if empty",
        "yes": "yes",
        "no": "no",
        "list": "numbers, with ; between them",
        "score": "Score and store",
        "not stored": "Nothing was stored. Correct the marked fields.",
        "name it": "Enter the employee.",
        "taken": "This employee already has an appraisal for {period}.",
        "name a period": "Enter a month, 2026-10; a day, 2026-10-31, if its rules change.",
        "no rules": "This form has no rules for that period.",
        "no appraisal": "There is no such appraisal.",
        "why": "Reasons",
        "rules": "Rules",
        "fingerprint": "fingerprint",
        "again": "Computed again just now",
        "same": "same result",
        "differs": "another result",
        "no-rubric": "the rules are not installed",
        "other": "中文",
    },
    "zh": {
        "appraisals": "绩效考核",
        "new": "新的考核",
        "form": "考核表",
        "period": "考核月份",
        "begin": "开始填写",
        "employee": "员工姓名",
        "total": "总分",
        "tier": "等级",
        "pay": "绩效工资",
        "since": "规则施行日期",
        "facts": "当月事实",
        "items": "考核项目",
        "choose": "请选择",
        "default": "不填按",
        "yes": "是",
        "no": "否",
        "list": "多个数字之间用分号 ; 隔开",
        "score": "评分并保存",
        "not stored": "尚未保存，请更正标出的项目。",
        "name it": "请填写员工姓名。",
        "taken": "该员工 {period} 的考核已经保存过。",
        "name a period": "请填写月份（2026-10）；规则在月内有变更的，请填写日期（2026-10-31）。",
        "no rules": "该考核表在所填期间没有适用的规则。",
        "no appraisal": "没有这份考核记录。",
        "why": "评分理由",
        "rules": "规则",
        "fingerprint": "指纹",
        "again": "刚刚重新计算",
        "same": "结果一致",
        "differs": "结果不一致",
        "no-rubric": "未安装该规则",
        "other": "English",
    },
}


def language_of(lang: str | None = None, accept_language: Annotated[str, Header()] = "") -> str:
    """Return the language of a request: as its address names it, else as its browser prefers."""
    wanted = [lang or "", *(each.partition(";")[0] for each in accept_language.split(","))]
    known = (each.strip().lower().partition("-")[0] for each in wanted)
    return next((each for each in known if each in WORDS), "en")
