/**
 * The project's own lint rules, as a plugin of oxlint: who may import whom (`layers`), what the core may not touch
 * (`purity`), and how code here is shaped (`shape`). The compiler holds most of the core's wall (no ambient types);
 * these rules hold what passes the compiler.
 */
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isTestPath, layerProblem, packageProblem } from './layers.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Globals that see the clock, the platform, chance, or that schedule. */
const BANNED_GLOBALS = new Set([
  'Date', 'Intl', 'Promise', 'WeakRef', 'FinalizationRegistry', 'Atomics', 'SharedArrayBuffer',
  'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask',
  'process', 'console', 'Buffer', 'performance', 'crypto', 'fetch', 'URL', 'TextEncoder', 'TextDecoder',
  'structuredClone', 'globalThis', 'eval', 'require',
]);
/** Mathematics that differs between versions of the runtime, and chance. */
const EXACT_MATH = new Set([
  'abs', 'ceil', 'clz32', 'floor', 'imul', 'max', 'min', 'round', 'sign', 'trunc', 'fround', 'sqrt',
]);
const BANNED_PROPERTIES = new Set(['localeCompare', 'toLocaleString', 'toLocaleLowerCase', 'toLocaleUpperCase', 'stack']);

const layers = {
  create(context) {
    const from = pathOf(context);
    const check = (node) => {
      if (!node.source) return;
      const specifier = node.source.value;
      const problem = specifier.startsWith('.')
        ? layerProblem(from, relativePath(join(dirname(join(ROOT, from)), specifier)))
        : packageProblem(from, specifier);
      if (problem !== null) context.report({ node, message: problem });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

const purity = {
  create(context) {
    const path = pathOf(context);
    if (!path.startsWith('core/') || isTestPath(path)) return {};
    const report = (node, what) => context.report({ node, message: `the core is pure: no ${what}` });
    const checkFunction = (node) => {
      if (node.async) report(node, 'async function');
    };
    return {
      Program() {
        for (const { references } of context.sourceCode.scopeManager.scopes) {
          for (const { identifier, resolved } of references) {
            // Names that nothing in the file declares: a parameter called `crypto` is not the global.
            const isGlobal = resolved === null || resolved.defs.length === 0;
            if (isGlobal && BANNED_GLOBALS.has(identifier.name)) report(identifier, identifier.name);
          }
        }
      },
      MemberExpression(node) {
        const name = node.computed ? null : node.property.name;
        if (node.object.type === 'Identifier' && node.object.name === 'Math' && !EXACT_MATH.has(name)) {
          report(node, `Math.${name ?? '[…]'}`);
        }
        if (BANNED_PROPERTIES.has(name)) report(node, `.${name}`);
      },
      BinaryExpression(node) {
        if (node.operator === '**') report(node, '**');
      },
      AssignmentExpression(node) {
        if (node.operator === '**=') report(node, '**=');
      },
      AwaitExpression: (node) => report(node, 'await'),
      ForInStatement: (node) => report(node, 'for-in: the order of properties is nobody\'s promise'),
      ForOfStatement(node) {
        if (node.await) report(node, 'for await');
      },
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      ArrowFunctionExpression: checkFunction,
      CallExpression(node) {
        const { callee } = node;
        if (callee.type !== 'MemberExpression' || callee.computed || node.arguments.length > 0) return;
        if (callee.property.name === 'sort' || callee.property.name === 'toSorted') report(node, 'sort without a comparator');
      },
    };
  },
};

const shape = {
  create(context) {
    const path = pathOf(context);
    const report = (node, message) => context.report({ node, message });
    const checkClass = (node) => {
      const base = node.superClass;
      if (base && !(base.type === 'Identifier' && base.name.endsWith('Error'))) {
        report(node, 'no class extends another but Error');
      }
    };
    return {
      Program(node) {
        if (/(^|\/)(utils?|helpers?|misc|common)(\.ts|\/)/.test(path)) report(node, 'a file is named by its concept');
        if (/(^|\/)index\.ts$/.test(path)) report(node, 'no barrels: import the defining file');
      },
      ClassDeclaration: checkClass,
      ClassExpression: checkClass,
      ExportDefaultDeclaration(node) {
        if (path.endsWith('.ts') && !path.endsWith('.config.ts')) report(node, 'no default exports');
      },
      ExportAllDeclaration: (node) => report(node, 'no barrels: import the defining file'),
    };
  },
};

function pathOf(context) {
  return relativePath(context.filename);
}

function relativePath(absolute) {
  return relative(ROOT, absolute).split(sep).join('/');
}

export default { meta: { name: 'mesh' }, rules: { layers, purity, shape } };
