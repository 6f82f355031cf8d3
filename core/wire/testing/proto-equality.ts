/**
 * Holds a codec of the core equal to a message of `proto/mesh/wire/v1/`, with protobufjs reflection as the judge: the
 * declarations name the same fields, and on random values each side decodes what the other encodes, byte for byte the
 * same encoding.
 */
import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { expect } from 'vitest';
import { type Ulid, idBytes, idFromBytes } from '../../base/ids.js';
import type { Codec } from '../schema.js';
import { type FieldPlan, Kind, type MessagePlan, type Plan, type PlannedField } from '../schema-plan.js';
import { arbitraryOf } from './arbitrary.js';
import { fixedRuns } from './runs.js';

const PROTO_ROOT = fileURLToPath(new URL('../../../proto/', import.meta.url));
const PACKAGE = 'mesh.wire.v1';
const EQUALITY_RUNS = 200;

type Values = Readonly<Record<string, unknown>>;

/**
 * Fails the running test unless `codec` and the message `messageName` of `proto/mesh/wire/v1/{protoFile}` are equal.
 * `arbitrary` narrows the values that are tried; by default they are random within the declaration.
 */
export function holdsEqual<T>(
  protoFile: string,
  messageName: string,
  codec: Codec<T>,
  arbitrary?: fc.Arbitrary<T>,
): void {
  const type = loadProto(protoFile).lookupType(`${PACKAGE}.${messageName}`);
  sameDeclaration(codec.plan, type);
  const values =
    arbitrary ?? (arbitraryOf(codec.plan, (message, field) => uintMaxOf(type, message, field)) as fc.Arbitrary<T>);
  fc.assert(
    fc.property(values, (value) => {
      const ours = codec.encode(value);
      const theirs = new Uint8Array(type.encode(type.fromObject(toProto(codec.plan, value as Values))).finish());
      expect(Array.from(ours)).toEqual(Array.from(theirs));
      expect(codec.decode(theirs)).toEqual(value);
      const decoded = type.toObject(type.decode(ours), { longs: Number, defaults: false });
      expect(fromProto(codec.plan, decoded)).toEqual(value);
    }),
    fixedRuns(EQUALITY_RUNS),
  );
}

/** The parsed file, with its imports. */
export function loadProto(protoFile: string): protobuf.Root {
  const known = ROOTS.get(protoFile);
  if (known !== undefined) return known;
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => (existsSync(target) ? target : PROTO_ROOT + target);
  root.loadSync(`${PROTO_ROOT}mesh/wire/v1/${protoFile}`);
  root.resolveAll();
  ROOTS.set(protoFile, root);
  return root;
}

/** The names in .proto of what the core calls `camelCase` or `kebab-case`. */
export function protoName(name: string): string {
  return name.replace(/-/g, '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function sameDeclaration(plan: Plan, type: protobuf.Type): void {
  const declared =
    plan.shape === 'message'
      ? plan.fields.map((field) => describeField(field, field.name))
      : [...plan.byKind.values()].map(
          ({ kind, tag, message }) => `${protoName(kind)} = ${Math.floor(tag / 8)} oneof nested ${message.name}`,
        );
  expect(type.fieldsArray.map(describeReflected).sort(), `fields of ${type.name}`).toEqual(declared.sort());
  for (const { plan: inner, field } of nestedPlans(plan)) {
    const reflected = present(type.fieldsArray.find((candidate) => candidate.name === camelOf(field)));
    sameDeclaration(inner, reflected.resolvedType as protobuf.Type);
  }
}

function describeField(field: PlannedField, name: string): string {
  const kind = field.kind === Kind.nested ? `nested ${(field.plan as Plan).name}` : KIND_NAMES[field.kind];
  return `${protoName(name)} = ${field.number} ${field.rule} ${kind}`;
}

function describeReflected(field: protobuf.Field): string {
  field.resolve();
  const isInner = field.resolvedType instanceof protobuf.Type;
  const kind = isInner ? `nested ${(field.resolvedType as protobuf.Type).name}` : PROTO_KINDS[field.type] ?? field.type;
  const isPresence = field.partOf !== null && isProto3Optional(field);
  const rule = field.repeated ? 'repeated' : isPresence ? 'optional' : field.partOf === null ? 'singular' : 'oneof';
  return `${protoName(field.name)} = ${field.id} ${rule} ${kind}`;
}

function nestedPlans(plan: Plan): { plan: Plan; field: string }[] {
  if (plan.shape === 'union') return [...plan.byKind.values()].map((v) => ({ plan: v.message, field: v.kind }));
  return plan.fields.flatMap((field) => (field.plan === null ? [] : [{ plan: field.plan, field: field.name }]));
}

/** Our value as protobufjs wants it: bytes for ids, nothing for defaults and null, a oneof for a union. */
function toProto(plan: Plan, value: Values): Record<string, unknown> {
  if (plan.shape === 'union') {
    const variant = present(plan.byKind.get(value['kind'] as string));
    return { [camelOf(variant.kind)]: toProto(variant.message, value) };
  }
  const out: Record<string, unknown> = {};
  for (const field of plan.fields) {
    const fieldValue = value[field.name];
    if (fieldValue === null || isDefault(field, fieldValue)) continue;
    out[field.name] =
      field.rule === 'repeated'
        ? (fieldValue as readonly unknown[]).map((item) => scalarToProto(field, item))
        : scalarToProto(field, fieldValue);
  }
  return out;
}

function isDefault(field: PlannedField, value: unknown): boolean {
  if (field.rule === 'repeated') return (value as readonly unknown[]).length === 0;
  if (field.rule === 'optional') return false;
  if (field.kind === Kind.bytes) return (value as Uint8Array).length === 0;
  if (field.kind === Kind.nested) {
    const plan = field.plan as Plan;
    return plan.shape === 'message' && Object.keys(toProto(plan, value as Values)).length === 0;
  }
  return value === field.empty;
}

function scalarToProto(field: FieldPlan, value: unknown): unknown {
  if (field.kind === Kind.id) return idBytes(value as Ulid);
  if (field.kind === Kind.nested) return toProto(field.plan as Plan, value as Values);
  return value;
}

function fromProto(plan: Plan, object: Values): Values {
  if (plan.shape === 'union') {
    const variant = present([...plan.byKind.values()].find((candidate) => camelOf(candidate.kind) in object));
    return { kind: variant.kind, ...messageFromProto(variant.message, object[camelOf(variant.kind)] as Values) };
  }
  return messageFromProto(plan, object);
}

function messageFromProto(plan: MessagePlan, object: Values): Values {
  const out: Record<string, unknown> = {};
  for (const field of plan.fields) {
    const value = object[field.name];
    const one = (item: unknown): unknown => scalarFromProto(field, item);
    if (value === undefined) out[field.name] = field.absent;
    else out[field.name] = field.rule === 'repeated' ? (value as unknown[]).map(one) : one(value);
  }
  return out;
}

function scalarFromProto(field: FieldPlan, value: unknown): unknown {
  if (field.kind === Kind.id) return idFromBytes(value as Uint8Array);
  if (field.kind === Kind.bytes) return new Uint8Array(value as Uint8Array);
  if (field.kind === Kind.nested) return fromProto(field.plan as Plan, value as Values);
  return value;
}

function uintMaxOf(root: protobuf.Type, message: string, field: string): number {
  const type = root.root.lookupType(`${PACKAGE}.${message}`).fields[field];
  return type?.type === 'uint32' ? 0xffff_ffff : Number.MAX_SAFE_INTEGER;
}

function isProto3Optional(field: protobuf.Field): boolean {
  return field.partOf?.isProto3Optional === true;
}

function camelOf(name: string): string {
  return name.replace(/[-_]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the declarations differ');
  return value;
}

const ROOTS = new Map<string, protobuf.Root>();
const KIND_NAMES = ['uint', 'sint', 'flag', 'text', 'bytes', 'bytes'];
const PROTO_KINDS: Readonly<Record<string, string>> = {
  uint32: 'uint',
  uint64: 'uint',
  sint32: 'sint',
  sint64: 'sint',
  bool: 'flag',
  string: 'text',
  bytes: 'bytes',
};
