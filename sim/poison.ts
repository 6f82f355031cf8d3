/**
 * Poison for whatever would make a run depend on more than its seed: while a simulated run is under way, the wall clock,
 * the platform's randomness, timers, promises and inexact mathematics throw. Import this file before the core, so that
 * a reference taken at import is a poisoned one too. Outside of a run everything works as ever.
 *
 * `async` functions and `**` bypass every global: the first are counted by a test through async_hooks, the second is a
 * matter for the linter.
 */

let isArmed = false;

/** Runs `act` with the poison armed. Nothing asynchronous can happen in it, so nobody else is hit. */
export function underPoison<T>(act: () => T): T {
  isArmed = true;
  try {
    return act();
  } finally {
    isArmed = false;
  }
}

/** What a poisoned global throws when it is used in a run. */
export class Poisoned extends Error {
  override readonly name = 'Poisoned';
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** Throws in a run; else does what `original` does. A proxy, so that it keeps its identity for everybody else. */
function poisoned<T extends object>(name: string, original: T): T {
  return new Proxy(original, {
    apply: (target, self, args: unknown[]) => {
      refuse(name);
      return Reflect.apply(target as Callable, self, args);
    },
    construct: (target, args: unknown[], newTarget) => {
      refuse(`new ${name}`);
      return Reflect.construct(target as new (...args: unknown[]) => object, args, newTarget as new () => object) as object;
    },
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      // Date.now, Promise.resolve and their like; a class that is only named stays usable.
      if (isArmed && typeof value === 'function' && key !== 'prototype' && key !== Symbol.hasInstance) {
        refuse(`${name}.${String(key)}`);
      }
      // Methods of a platform object insist on the object itself.
      return typeof value === 'function' && typeof target === 'object' ? (value.bind(target) as unknown) : value;
    },
  });
}

function refuse(name: string): void {
  if (isArmed) throw new Poisoned(`${name} was used in a simulated run`);
}

function replace(holder: object, key: string, name: string): void {
  const original: unknown = Reflect.get(holder, key);
  if ((typeof original !== 'function' && typeof original !== 'object') || original === null) return;
  Object.defineProperty(holder, key, { value: poisoned(name, original), writable: true, configurable: true });
}

/** Sorting without a comparator compares texts: an array of numbers comes out in an order that nobody means. */
function demandComparator(holder: object, key: 'sort' | 'toSorted'): void {
  const original = Reflect.get(holder, key) as Callable;
  const checked = function (this: unknown, ...args: unknown[]): unknown {
    if (args[0] === undefined) refuse(`${key} without a comparator`);
    return original.apply(this, args);
  };
  Object.defineProperty(holder, key, { value: checked, writable: true, configurable: true });
}

for (const name of ['Date', 'Promise', 'WeakRef', 'FinalizationRegistry', 'Intl', 'performance', 'crypto']) {
  replace(globalThis, name, name);
}
for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'structuredClone', 'fetch']) {
  replace(globalThis, name, name);
}
for (const name of ['nextTick', 'hrtime', 'uptime', 'memoryUsage', 'cpuUsage']) {
  replace(process, name, `process.${name}`);
}
/** All of `Math` that is not exact, or not the same in every version of the runtime. */
const INEXACT = [
  'random pow exp expm1 log log2 log10 log1p cbrt hypot',
  'sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh',
];
for (const name of INEXACT.join(' ').split(' ')) replace(Math, name, `Math.${name}`);
for (const name of ['localeCompare', 'toLocaleUpperCase', 'toLocaleLowerCase']) {
  replace(String.prototype, name, `String.prototype.${name}`);
}
replace(Number.prototype, 'toLocaleString', 'Number.prototype.toLocaleString');
demandComparator(Array.prototype, 'sort');
demandComparator(Array.prototype, 'toSorted');
