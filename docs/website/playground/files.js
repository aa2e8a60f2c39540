// Files of this machine: read into the page, and written by it. Nothing is sent.

// larger ones are none that people fill in
const MOST = 20 * 2 ** 20;

export const TYPES = {
  toml: "application/toml",
  html: "text/html",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

export async function contentOf(file) {
  if (file.size > MOST) return null;
  return file.arrayBuffer();
}

export function download(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: TYPES[type] }));
  link.download = `${name}.${type}`;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
