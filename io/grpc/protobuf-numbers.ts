/**
 * Makes protobufjs read 64-bit fields as numbers. Must be imported before any generated code: that takes its defaults
 * while it loads, and `--force-number` changes the types alone (left so, `seq + 1` is a string "51").
 * Values of 2^53 and more come out inexact: whoever reads a seq from a client checks `Number.isSafeInteger`.
 */
import protobuf from 'protobufjs/minimal.js';

(protobuf.util as { Long: unknown }).Long = undefined;
protobuf.configure();
