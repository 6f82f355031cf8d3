/** Random values of any declared message, for property tests. */
import fc from 'fast-check';
import { idFromBytes } from '../../base/ids.js';
import { Kind, type MessagePlan, type Plan, type PlannedField } from '../schema-plan.js';

/** Bounds of an integer field, when narrower than the schema's own (a uint32 in .proto). */
export type UintMax = (message: string, field: string) => number;

type Values = Record<string, unknown>;

/** Values of `plan`, edge cases (defaults, absent, the largest integers) favoured. */
export function arbitraryOf(plan: Plan, uintMax: UintMax = () => Number.MAX_SAFE_INTEGER): fc.Arbitrary<Values> {
  if (plan.shape === 'message') return arbitraryMessage(plan, uintMax);
  const variants = [...plan.byKind.values()].map((variant) =>
    arbitraryMessage(variant.message, uintMax).map((values) => ({ kind: variant.kind, ...values })),
  );
  return fc.oneof(...variants);
}

function arbitraryMessage(plan: MessagePlan, uintMax: UintMax): fc.Arbitrary<Values> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of plan.fields) fields[field.name] = arbitraryField(plan.name, field, uintMax);
  return fc.record(fields);
}

function arbitraryField(message: string, field: PlannedField, uintMax: UintMax): fc.Arbitrary<unknown> {
  const value = arbitraryValue(message, field, uintMax);
  if (field.rule === 'repeated') return fc.array(value, { maxLength: Math.min(3, field.countMax) });
  if (field.rule === 'optional') return fc.option(value, { nil: null });
  return value;
}

function arbitraryValue(message: string, field: PlannedField, uintMax: UintMax): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case Kind.uint: {
      const max = uintMax(message, field.name);
      return fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat().map((value) => Math.min(value, max)), fc.constant(max));
    }
    case Kind.sint:
      return fc.oneof(fc.integer({ min: -200, max: 200 }), fc.maxSafeInteger());
    case Kind.flag:
      return fc.boolean();
    case Kind.text:
      return fc.string({ unit: 'binary', maxLength: 40 });
    case Kind.bytes:
      return fc.uint8Array({ maxLength: 200 });
    case Kind.id:
      return fc.oneof(
        fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => idFromBytes(bytes)),
        fc.constant(idFromBytes(new Uint8Array(16))),
      );
    case Kind.nested:
      return arbitraryOf(field.plan as Plan, uintMax);
  }
}
