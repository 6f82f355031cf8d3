/**
 * A scenario from a JSON file: the name of a drawn scenario that it builds on, and the ranges that it changes.
 * `{"extends": "crash", "about": "…", "ranges": {"nodes": [3, 3], "faultKinds": ["crash"]}, "requiredMarks": []}`
 */
import { FAULT_NAMES } from '../plan/faults.js';
import { JOIN_POLICIES, type OptionRanges } from '../plan/options.js';
import { drawnScenario } from './drawn.js';
import type { Scenario } from './scenario.js';
import { DRAWN_RANGES } from './scenarios.js';

/** The scenario that `text` describes, under the name `name`; a sentence that says what is wrong with it otherwise. */
export function parseScenario(name: string, text: string): Scenario | string {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    // Expected: SyntaxError, for a file that is no JSON.
    return `is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (!isRecord(file)) return 'is no JSON object';
  for (const key of Object.keys(file)) if (!FILE_KEYS.includes(key)) return `has an unknown field "${key}"`;
  const { extends: base, ranges = {}, about = `from ${name}`, requiredMarks = [] } = file;
  if (!isDrawn(base)) return `"extends" is none of ${Object.keys(DRAWN_RANGES).join(', ')}`;
  if (typeof about !== 'string') return '"about" is no text';
  if (!isTexts(requiredMarks)) return '"requiredMarks" is no list of texts';
  if (!isRecord(ranges)) return '"ranges" is no object';
  const merged = DRAWN_RANGES[base];
  for (const [key, value] of Object.entries(ranges)) {
    const wrong = checkRange(merged, key, value);
    if (wrong !== null) return `"ranges.${key}" ${wrong}`;
  }
  return drawnScenario(name, about, { ...merged, ...(ranges as Partial<OptionRanges>) }, requiredMarks);
}

/** What is wrong with one range, judged by the one it replaces; null when nothing is. */
function checkRange(base: OptionRanges, key: string, value: unknown): string | null {
  if (!(key in base)) return 'is unknown';
  if (key === 'faultKinds') {
    return isTexts(value) && value.every((each) => FAULT_NAMES.some((kind) => kind === each)) ? null : `lists none but ${FAULT_NAMES.join(', ')}`;
  }
  if (key === 'joinPolicies') {
    const isGood = isTexts(value) && value.length > 0 && value.every((each) => JOIN_POLICIES.some((kind) => kind === each));
    return isGood ? null : `is a list of ${JOIN_POLICIES.join(', ')}`;
  }
  if (COUNTS.includes(key)) return isCount(value) ? null : 'is no count';
  const [low, high, ...more] = Array.isArray(value) ? (value as unknown[]) : [];
  return isCount(low) && isCount(high) && low <= high && more.length === 0 ? null : 'is no range [low, high] of counts';
}

const isDrawn = (value: unknown): value is keyof typeof DRAWN_RANGES => typeof value === 'string' && value in DRAWN_RANGES;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Ranges that are one number. */
const COUNTS = ['leadersPerMille', 'poisonPerMillion', 'pacedPerMille', 'calmPerMille', 'livenessUs'];
const FILE_KEYS = ['extends', 'about', 'ranges', 'requiredMarks'];
