/**
 * What a message costs the streams that hold it: its bytes, and a share of the bookkeeping in memory and on disk, so
 * that the smallest messages, empty ones too, are bounded like large ones.
 */

/** One message, or one chunk of a large one. */
export const messageCost = (record: { readonly payload: Uint8Array; readonly headers: Uint8Array }): number =>
  record.payload.length + record.headers.length + MESSAGE_OVERHEAD_BYTES;

/** Measured on a source with a stopped target: its place in producer sequences, journal rows and record framing. */
const MESSAGE_OVERHEAD_BYTES = 32;

/** What a batch costs besides its messages: an applied entry, a staged batch, a block of the journal. */
export const BATCH_COST = 256;
