// The block that the program wrote into the page (page.cpp): JSON, or, where that would make the page too large, JSON
// that was compressed by zlib and is the text, in base64, of the member "zlib".
import { strFromU8, unzlibSync } from "fflate";

export function block_of(text) {
  const block = JSON.parse(text);
  if (block.zlib === undefined) return block;
  return JSON.parse(strFromU8(unzlibSync(Uint8Array.from(atob(block.zlib), (c) => c.charCodeAt(0)))));
}
