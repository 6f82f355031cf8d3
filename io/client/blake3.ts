/**
 * BLAKE3, incremental, 32 bytes of output: a digest of a whole payload that is computed while it passes by in chunks.
 *
 * Source: "BLAKE3: one function, fast everywhere" (O'Connor, Aumasson, Neves, Wilcox-O'Hearn), §2. Leaves out: keyed
 * hashing, key derivation, longer outputs.
 */
export class Blake3 {
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #chunkLength = 0;
  #chunkCounter = 0;
  /** The chaining values of the complete subtrees to the left, the largest first: as many as bits of the count. */
  readonly #stack: Int32Array[] = [];

  update(bytes: Uint8Array): this {
    let at = 0;
    while (at < bytes.length) {
      // The last chunk may be the root, which only the end tells: it waits until more comes.
      if (this.#chunkLength === CHUNK_BYTES) this.#closeChunk();
      const length = Math.min(CHUNK_BYTES - this.#chunkLength, bytes.length - at);
      this.#chunk.set(bytes.subarray(at, at + length), this.#chunkLength);
      this.#chunkLength += length;
      at += length;
    }
    return this;
  }

  /** Of everything so far. The hash may go on afterwards. */
  digest(): Uint8Array {
    let node = lastNodeOf(this.#chunk, this.#chunkLength, this.#chunkCounter);
    for (let i = this.#stack.length - 1; i >= 0; i--) node = parentOf(this.#stack[i] as Int32Array, chainingValue(node));
    const words = compress(node.key, node.block, node.counter, node.length, node.flags | ROOT);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    for (let i = 0; i < 8; i++) view.setUint32(4 * i, (words[i] as number) >>> 0, true);
    return out;
  }

  #closeChunk(): void {
    let value = chainingValue(lastNodeOf(this.#chunk, CHUNK_BYTES, this.#chunkCounter));
    this.#chunkCounter++;
    for (let total = this.#chunkCounter; total % 2 === 0; total /= 2) {
      value = chainingValue(parentOf(this.#stack.pop() as Int32Array, value));
    }
    this.#stack.push(value);
    this.#chunkLength = 0;
  }
}

/** What is compressed last for a node of the tree. */
interface TreeNode {
  readonly key: Int32Array;
  readonly block: Int32Array;
  readonly counter: number;
  readonly length: number;
  readonly flags: number;
}

function lastNodeOf(chunk: Uint8Array, length: number, counter: number): TreeNode {
  let key = IV;
  let flags = CHUNK_START;
  let at = 0;
  for (; length - at > BLOCK_BYTES; at += BLOCK_BYTES) {
    key = compress(key, wordsOf(chunk, at, BLOCK_BYTES), counter, BLOCK_BYTES, flags).slice(0, 8);
    flags = 0;
  }
  return { key, block: wordsOf(chunk, at, length - at).slice(), counter, length: length - at, flags: flags | CHUNK_END };
}

function parentOf(left: Int32Array, right: Int32Array): TreeNode {
  const block = new Int32Array(16);
  block.set(left, 0);
  block.set(right, 8);
  return { key: IV, block, counter: 0, length: BLOCK_BYTES, flags: PARENT };
}

const chainingValue = ({ key, block, counter, length, flags }: TreeNode): Int32Array =>
  compress(key, block, counter, length, flags).slice(0, 8);

/** One block, little endian, with zeros at its end. The array is used again by the next call. */
function wordsOf(bytes: Uint8Array, at: number, length: number): Int32Array {
  for (let i = 0; i < 16; i++) {
    const from = at + 4 * i;
    const left = length - 4 * i;
    BLOCK[i] =
      left >= 4
        ? (bytes[from] as number) | ((bytes[from + 1] as number) << 8) | ((bytes[from + 2] as number) << 16) | ((bytes[from + 3] as number) << 24)
        : left <= 0
          ? 0
          : (bytes[from] as number) | (left > 1 ? (bytes[from + 1] as number) << 8 : 0) | (left > 2 ? (bytes[from + 2] as number) << 16 : 0);
  }
  return BLOCK;
}

/** The first half of the output is the chaining value. The array is used again by the next call. */
function compress(key: Int32Array, block: Int32Array, counter: number, length: number, flags: number): Int32Array {
  STATE.set(key, 0);
  STATE[8] = IV[0] as number;
  STATE[9] = IV[1] as number;
  STATE[10] = IV[2] as number;
  STATE[11] = IV[3] as number;
  STATE[12] = counter >>> 0;
  STATE[13] = Math.floor(counter / 0x1_0000_0000);
  STATE[14] = length;
  STATE[15] = flags;
  for (let round = 0; round < 7; round++) {
    const at = 16 * round;
    mix(0, 4, 8, 12, block[ORDER[at] as number] as number, block[ORDER[at + 1] as number] as number);
    mix(1, 5, 9, 13, block[ORDER[at + 2] as number] as number, block[ORDER[at + 3] as number] as number);
    mix(2, 6, 10, 14, block[ORDER[at + 4] as number] as number, block[ORDER[at + 5] as number] as number);
    mix(3, 7, 11, 15, block[ORDER[at + 6] as number] as number, block[ORDER[at + 7] as number] as number);
    mix(0, 5, 10, 15, block[ORDER[at + 8] as number] as number, block[ORDER[at + 9] as number] as number);
    mix(1, 6, 11, 12, block[ORDER[at + 10] as number] as number, block[ORDER[at + 11] as number] as number);
    mix(2, 7, 8, 13, block[ORDER[at + 12] as number] as number, block[ORDER[at + 13] as number] as number);
    mix(3, 4, 9, 14, block[ORDER[at + 14] as number] as number, block[ORDER[at + 15] as number] as number);
  }
  for (let i = 0; i < 8; i++) STATE[i] = (STATE[i] as number) ^ (STATE[i + 8] as number);
  return STATE;
}

function mix(a: number, b: number, c: number, d: number, x: number, y: number): void {
  let va = STATE[a] as number;
  let vb = STATE[b] as number;
  let vc = STATE[c] as number;
  let vd = STATE[d] as number;
  va = (va + vb + x) | 0;
  vd ^= va;
  vd = (vd >>> 16) | (vd << 16);
  vc = (vc + vd) | 0;
  vb ^= vc;
  vb = (vb >>> 12) | (vb << 20);
  va = (va + vb + y) | 0;
  vd ^= va;
  vd = (vd >>> 8) | (vd << 24);
  vc = (vc + vd) | 0;
  vb ^= vc;
  vb = (vb >>> 7) | (vb << 25);
  STATE[a] = va;
  STATE[b] = vb;
  STATE[c] = vc;
  STATE[d] = vd;
}

const CHUNK_BYTES = 1024;
const BLOCK_BYTES = 64;
const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const IV = Int32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
/** The order of the message words in each of the seven rounds. */
const ORDER = Uint8Array.from(
  Array.from({ length: 6 }).reduce<number[][]>(
    (rounds) => [...rounds, PERMUTATION.map((place) => (rounds.at(-1) as number[])[place] as number)],
    [Array.from({ length: 16 }, (_, i) => i)],
  ).flat(),
);
const STATE = new Int32Array(16);
const BLOCK = new Int32Array(16);
