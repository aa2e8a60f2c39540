// A text in the address: packed, so that a whole ruleset fits into a link.

const PREFIX = "#z=";
// a link may be made by anybody: one that unpacks to more than this is not read
const MOST = 2 ** 20;

export async function packed(value) {
  const stream = new Blob([JSON.stringify(value)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return PREFIX + btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export async function unpacked(hash) {
  if (!hash.startsWith(PREFIX)) return null;
  try {
    const text = atob(hash.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const parts = [];
    let size = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length;
      if (size > MOST) {
        await reader.cancel();
        return null;
      }
      parts.push(part.value);
    }
    const value = JSON.parse(await new Blob(parts).text());
    const isText = (each) => typeof each === "string";
    return isText(value.ruleset) && isText(value.ratings) ? value : null;
  } catch {
    return null;
  }
}
