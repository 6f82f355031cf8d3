/** Walks a plan and a value and writes protobuf, last field first (see `BackwardWriter`). */
import { assert, present } from '../base/assert.js';
import type { Ulid } from '../base/ids.js';
import { BackwardWriter } from './backward-writer.js';
import { Kind, type MessagePlan, type Plan, type PlannedField } from './schema-plan.js';
import { ZERO_ID } from './varint.js';

type Values = Readonly<Record<string, unknown>>;

/** The encoding of `value` in a fresh array of exactly its size. */
export function encodePlan(plan: Plan, value: Values): Uint8Array {
  WRITER.reset();
  writePlan(WRITER, plan, value);
  return WRITER.copyOut();
}

function writePlan(writer: BackwardWriter, plan: Plan, value: Values): void {
  if (plan.shape === 'message') return writeMessage(writer, plan, value);
  const variant = present(plan.byKind.get(value['kind'] as string), 'a value of a union is one of its variants');
  const before = writer.length;
  writeMessage(writer, variant.message, value);
  writer.varint(writer.length - before);
  writer.varint(variant.tag);
}

function writeMessage(writer: BackwardWriter, plan: MessagePlan, value: Values): void {
  const fields = plan.fields;
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i] as PlannedField;
    const fieldValue = value[field.name];
    if (field.rule === 'singular') {
      if (!isAbsent(field, fieldValue)) writeField(writer, field, fieldValue);
    } else if (field.rule === 'optional') {
      if (fieldValue !== null) writeField(writer, field, fieldValue);
    } else {
      writeList(writer, field, fieldValue as readonly unknown[]);
    }
  }
}

function writeList(writer: BackwardWriter, field: PlannedField, list: readonly unknown[]): void {
  if (list.length === 0) return;
  assert(list.length <= field.countMax, 'a repeated field stays within its bound');
  if (!field.isPacked) {
    for (let i = list.length - 1; i >= 0; i--) writeField(writer, field, list[i]);
    return;
  }
  const before = writer.length;
  for (let i = list.length - 1; i >= 0; i--) writeScalar(writer, field.kind, list[i]);
  writer.varint(writer.length - before);
  writer.varint(field.tag);
}

function writeField(writer: BackwardWriter, field: PlannedField, value: unknown): void {
  switch (field.kind) {
    case Kind.text:
      writer.text(value as string);
      break;
    case Kind.bytes:
      writer.bytes(value as Uint8Array);
      break;
    case Kind.id:
      writer.id(value as Ulid);
      break;
    case Kind.nested: {
      const before = writer.length;
      writePlan(writer, field.plan as Plan, value as Values);
      const size = writer.length - before;
      if (size === 0 && field.rule === 'singular') return;
      writer.varint(size);
      break;
    }
    default:
      writeScalar(writer, field.kind, value);
  }
  writer.varint(field.tag);
}

function writeScalar(writer: BackwardWriter, kind: Kind, value: unknown): void {
  if (kind === Kind.flag) return writer.varint(value === true ? 1 : 0);
  assert(Number.isSafeInteger(value), 'an integer on the wire is exact');
  if (kind === Kind.sint) return writer.sint(value as number);
  assert((value as number) >= 0, 'an unsigned integer is not negative');
  writer.varint(value as number);
}

/** Whether a singular field has its default and so is left out. A nested message shows only when it is written. */
function isAbsent(field: PlannedField, value: unknown): boolean {
  switch (field.kind) {
    case Kind.nested:
      return false;
    case Kind.bytes:
      return (value as Uint8Array).length === 0;
    case Kind.id:
      return value === ZERO_ID;
    default:
      return value === field.empty;
  }
}

/** One writer for all messages: encoding calls nothing that could encode in between. */
const WRITER = new BackwardWriter(4096);
