/**
 * The tables behind a declared message: what the encoder and the decoder walk. Plain arrays that are built once and
 * sorted, so that the loops look nothing up by name.
 */
import { assert } from '../base/assert.js';
import { WIRE_SIZED, WIRE_VARINT } from './protobuf-field.js';

/** What a field's value is. In a plan it is a small integer, so that the codec's switch is a jump table. */
export const Kind = { uint: 0, sint: 1, flag: 2, text: 3, bytes: 4, id: 5, nested: 6 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export type Rule = 'singular' | 'optional' | 'repeated';

/** One field as declared. */
export interface FieldPlan {
  /** Its number in .proto, from 1 to FIELD_NUMBER_MAX. */
  readonly number: number;
  readonly kind: Kind;
  readonly rule: Rule;
  /** The default of a singular field; undefined for `nested`, whose default its message gives. */
  readonly empty: unknown;
  /** The message of a `nested` field, else null. */
  readonly plan: Plan | null;
  /** How many values a repeated field may have. */
  readonly countMax: number;
}

/** One field in its message. */
export interface PlannedField extends FieldPlan {
  readonly name: string;
  /** Number and wire type as the encoder writes them. */
  readonly tag: number;
  readonly isPacked: boolean;
  /** The value when absent; undefined when absence refuses the message. */
  readonly absent: unknown;
}

export interface MessagePlan {
  readonly shape: 'message';
  readonly name: string;
  /** In the order of their numbers. */
  readonly fields: readonly PlannedField[];
  /** Indexed by tag (number * 8 + wire type); a packed field stands under both of its tags. */
  readonly byTag: readonly (PlannedField | undefined)[];
  /** Indexed by number: whether this version knows the field. */
  readonly isKnown: readonly boolean[];
  /** All fields absent. The decoder clones it, because cloning gives every result one hidden class. */
  readonly template: Readonly<Record<string, unknown>>;
  /** Fields whose absence refuses the message. */
  readonly required: readonly string[];
}

export interface VariantPlan {
  readonly kind: string;
  readonly tag: number;
  readonly message: MessagePlan;
  /** The message's template after its `kind`. */
  readonly template: Readonly<Record<string, unknown>>;
}

export interface UnionPlan {
  readonly shape: 'union';
  readonly name: string;
  readonly byKind: ReadonlyMap<string, VariantPlan>;
  readonly byTag: readonly (VariantPlan | undefined)[];
  readonly isKnown: readonly boolean[];
}

export type Plan = MessagePlan | UnionPlan;

/** Builds the tables of a message. */
export function planMessage(name: string, declared: Readonly<Record<string, FieldPlan>>): MessagePlan {
  const fields: PlannedField[] = [];
  const byTag: (PlannedField | undefined)[] = [];
  const isKnown: boolean[] = [];
  const template: Record<string, unknown> = {};
  for (const [fieldName, field] of Object.entries(declared)) {
    claimNumber(isKnown, field.number);
    const planned = planField(fieldName, field);
    fields.push(planned);
    setAt(byTag, planned.tag, planned);
    if (planned.isPacked) setAt(byTag, field.number * 8 + WIRE_VARINT, planned);
    template[fieldName] = planned.absent;
  }
  fields.sort((a, b) => a.number - b.number);
  const required = fields.filter((field) => field.absent === undefined).map((field) => field.name);
  return { shape: 'message', name, fields, byTag, isKnown, template, required };
}

/** Builds the tables of a union. */
export function planUnion(
  name: string,
  declared: Readonly<Record<string, readonly [number: number, codec: { readonly plan: Plan }]>>,
): UnionPlan {
  const byKind = new Map<string, VariantPlan>();
  const byTag: (VariantPlan | undefined)[] = [];
  const isKnown: boolean[] = [];
  for (const [kind, [number, codec]] of Object.entries(declared)) {
    const { plan } = codec;
    claimNumber(isKnown, number);
    assert(plan.shape === 'message', 'a variant of a union is a message');
    assert(!('kind' in plan.template), 'a variant has no field named kind');
    const variant: VariantPlan = {
      kind,
      tag: number * 8 + WIRE_SIZED,
      message: plan,
      template: { kind, ...plan.template },
    };
    byKind.set(kind, variant);
    setAt(byTag, variant.tag, variant);
  }
  return { shape: 'union', name, byKind, byTag, isKnown };
}

function planField(name: string, field: FieldPlan): PlannedField {
  const isRepeated = field.rule === 'repeated';
  const isScalar = field.kind <= Kind.flag;
  const wireType = isScalar && !isRepeated ? WIRE_VARINT : WIRE_SIZED;
  return {
    ...field,
    name,
    tag: field.number * 8 + wireType,
    isPacked: isScalar && isRepeated,
    absent: absentValue(field),
  };
}

function absentValue(field: FieldPlan): unknown {
  if (field.rule === 'repeated') return EMPTY_LIST;
  if (field.rule === 'optional') return null;
  if (field.plan === null) return field.empty;
  const isComplete = field.plan.shape === 'message' && field.plan.required.length === 0;
  return isComplete ? Object.freeze({ ...(field.plan as MessagePlan).template }) : undefined;
}

function claimNumber(isKnown: boolean[], number: number): void {
  assert(Number.isInteger(number) && number >= 1 && number <= FIELD_NUMBER_MAX, 'a field number is in range');
  assert(isKnown[number] !== true, 'a field number is used once in a message');
  setAt(isKnown, number, true, false);
}

/** Sets an element and fills the ones before it, so that the array stays dense. */
function setAt<T>(list: T[], index: number, value: T, filler = undefined as T): void {
  while (list.length <= index) list.push(filler);
  list[index] = value;
}

/** The value of every absent repeated field. */
export const EMPTY_LIST: readonly unknown[] = Object.freeze([]);
/** Keeps the tables indexed by tag small. */
export const FIELD_NUMBER_MAX = 255;
