/** Small operations on byte arrays that every codec needs. */

export const EMPTY_BYTES = new Uint8Array(0);

/** The parts, end to end, in one new array. One part is returned as it is. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  let total = 0;
  for (const part of parts) total += part.length;
  const out = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte >>> 4] as string + HEX[byte & 15];
  return text;
}

/** Byte-wise order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** UTF-8 without the platform's TextEncoder, which the core's compiler settings do not know. */
export function utf8Encode(text: string): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) as number;
    if (code > 0xffff) i++;
    const safe = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    if (safe < 0x80) out.push(safe);
    else if (safe < 0x800) out.push(0xc0 | (safe >>> 6), 0x80 | (safe & 63));
    else if (safe < 0x10000) out.push(0xe0 | (safe >>> 12), 0x80 | ((safe >>> 6) & 63), 0x80 | (safe & 63));
    else
      out.push(0xf0 | (safe >>> 18), 0x80 | ((safe >>> 12) & 63), 0x80 | ((safe >>> 6) & 63), 0x80 | (safe & 63));
  }
  return Uint8Array.from(out);
}

/** UTF-8 to text; null when the bytes are not valid UTF-8 (overlong forms and surrogates included). */
export function utf8Decode(bytes: Uint8Array): string | null {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] as number;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      i++;
      continue;
    }
    const extra = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
    if (extra === 0 || first > 0xf4 || i + extra >= bytes.length) return null;
    let code = first & (0x3f >>> extra);
    for (let j = 1; j <= extra; j++) {
      const next = bytes[i + j] as number;
      if ((next & 0xc0) !== 0x80) return null;
      code = (code << 6) | (next & 63);
    }
    const least = extra === 1 ? 0x80 : extra === 2 ? 0x800 : 0x10000;
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
    text += String.fromCodePoint(code);
    i += extra + 1;
  }
  return text;
}

const HEX = '0123456789abcdef';
