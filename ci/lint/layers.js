/**
 * Which file may import which. The folders of core/ have ranks and import from lower ones only; machines of one rank
 * never know each other; `io` and `sim` are two hosts of one core and neither imports the other.
 */

/** Folder of core/ → rank. */
const CORE_RANKS = {
  base: 0,
  wire: 1,
  journal: 2,
  egress: 3,
  link: 4,
  gossip: 4,
  topology: 4,
  flow: 4,
  raft: 4,
  security: 4,
  router: 5,
  groups: 6,
  node: 7,
};

/** Folder at the root → the folders that it may import from, besides itself. */
const MAY_IMPORT = {
  core: [],
  io: ['core', 'proto', 'schema'],
  sim: ['core'],
  chaos: ['core', 'io', 'sim', 'proto'],
  examples: ['core', 'io'],
  ci: [],
};

/** What a file of `core/` may take from packages: nothing. Tests and their helpers may. */
export function packageProblem(fromPath, specifier) {
  const from = placeOf(fromPath);
  if (from?.root !== 'core' || isTestPath(fromPath)) return null;
  if (specifier.startsWith('.')) return null;
  return `core imports no package and no module of the runtime, but imports '${specifier}'`;
}

/** Why `fromPath` may not import `toPath` (both relative to the repository, with slashes); null when it may. */
export function layerProblem(fromPath, toPath) {
  const from = placeOf(fromPath);
  const to = placeOf(toPath);
  if (from === null || to === null) return null;
  if (from.root !== to.root) {
    if (MAY_IMPORT[from.root]?.includes(to.root)) return null;
    return `${from.root} does not import from ${to.root}`;
  }
  if (from.root !== 'core' || isTestPath(fromPath) || from.folder === to.folder) return null;
  const own = CORE_RANKS[from.folder];
  const other = CORE_RANKS[to.folder];
  if (own === undefined || other === undefined) return `core/${own === undefined ? from.folder : to.folder} has no rank`;
  if (other < own) return null;
  const relation = other === own ? 'has the same rank as' : 'ranks below';
  return `core/${from.folder} ${relation} core/${to.folder} and does not import from it`;
}

export function isTestPath(path) {
  return /\.test\.ts$|\/testing\//.test(path);
}

function placeOf(path) {
  const [root, folder] = path.split('/');
  return Object.hasOwn(MAY_IMPORT, root) || root === 'proto' || root === 'schema' ? { root, folder } : null;
}
