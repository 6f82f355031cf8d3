/** Walks bytes by a plan and builds values; total. Recursion is as deep as the declaration, whatever the bytes say. */
import { ID_BYTES } from '../base/ids.js';
import { WIRE_SIZED, skipField } from './protobuf-field.js';
import { EMPTY_LIST, Kind, type FieldPlan, type MessagePlan } from './schema-plan.js';
import type { Plan, PlannedField, UnionPlan } from './schema-plan.js';
import { ByteReader } from './varint.js';

type Values = Record<string, unknown>;

/** The value in `bytes`, or null when they are malformed. `bytes` fields are views. */
export function decodePlan(plan: Plan, bytes: Uint8Array): Values | null {
  const reader = new ByteReader(bytes);
  const value = readPlan(reader, plan);
  return reader.isFailed ? null : value;
}

/** Reads up to the reader's end. On malformed bytes the reader is failed and the value is meaningless. */
function readPlan(reader: ByteReader, plan: Plan): Values | null {
  return plan.shape === 'message' ? readMessage(reader, plan, plan.template) : readUnion(reader, plan);
}

function readMessage(reader: ByteReader, plan: MessagePlan, template: Readonly<Values>): Values {
  const values = { ...template };
  const byTag = plan.byTag;
  while (reader.at < reader.end) {
    const tag = reader.varint();
    const field = byTag[tag];
    if (field === undefined) skipUnknown(reader, tag, plan.isKnown);
    else if (field.rule === 'repeated') readItem(reader, field, tag, values);
    else values[field.name] = readValue(reader, field);
  }
  for (const name of plan.required) if (values[name] === undefined) reader.fail();
  return values;
}

function readUnion(reader: ByteReader, plan: UnionPlan): Values | null {
  let value: Values | null = null;
  while (reader.at < reader.end) {
    const tag = reader.varint();
    const variant = plan.byTag[tag];
    if (variant === undefined) {
      skipUnknown(reader, tag, plan.isKnown);
      continue;
    }
    const outerEnd = enter(reader);
    value = readMessage(reader, variant.message, variant.template);
    reader.end = outerEnd;
  }
  if (value === null) reader.fail();
  return value;
}

function readItem(reader: ByteReader, field: PlannedField, tag: number, values: Values): void {
  let list = values[field.name] as unknown[];
  if (list === EMPTY_LIST) {
    list = [];
    values[field.name] = list;
  }
  if (field.isPacked && (tag & 7) === WIRE_SIZED) {
    const outerEnd = enter(reader);
    while (reader.at < reader.end && list.length < field.countMax) list.push(readValue(reader, field));
    if (reader.at < reader.end) reader.fail();
    reader.end = outerEnd;
    return;
  }
  if (list.length >= field.countMax) return reader.fail();
  list.push(readValue(reader, field));
}

function readValue(reader: ByteReader, field: FieldPlan): unknown {
  switch (field.kind) {
    case Kind.uint:
      return reader.varint();
    case Kind.sint:
      return reader.sint();
    case Kind.flag:
      return reader.flag();
    case Kind.text:
      return reader.text();
    case Kind.bytes:
      return reader.bytesView();
    case Kind.id:
      if (reader.varint() !== ID_BYTES) reader.fail();
      return reader.id();
    case Kind.nested: {
      const outerEnd = enter(reader);
      const value = readPlan(reader, field.plan as Plan);
      reader.end = outerEnd;
      return value;
    }
  }
}

/** Reads a length and narrows the reader to that many bytes; returns the end to restore. */
function enter(reader: ByteReader): number {
  const outerEnd = reader.end;
  const size = reader.varint();
  if (size > outerEnd - reader.at) reader.fail();
  else reader.end = reader.at + size;
  return outerEnd;
}

/** Passes over a field that this version does not know; a known one in another wire type is malformed. */
function skipUnknown(reader: ByteReader, tag: number, isKnown: readonly boolean[]): void {
  if (isKnown[Math.floor(tag / 8)] === true) reader.fail();
  else skipField(reader, tag);
}
