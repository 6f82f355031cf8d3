#!/usr/bin/env node
/** meshctl: an operator's and a script's way to a node. Tables for people; `--json` prints stable documents. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { MeshClient } from '../client/mesh-client.js';
import { deleteAcl, listAcls, putAcl, showAcl } from '../meshctl/acl.js';
import { deleteConfig, getConfig, listConfig, putConfig } from '../meshctl/config.js';
import { terminal } from '../meshctl/console.js';
import type { Context } from '../meshctl/context.js';
import { listCheckpoints, removeCheckpoint, setCheckpoint } from '../meshctl/checkpoints.js';
import { changeLetters, listLetters, showLetter } from '../meshctl/dlq.js';
import { evict, join, leave, seed, start, stop } from '../meshctl/membership.js';
import { pause, resume, throttle } from '../meshctl/pace.js';
import { CommandRefused, EXIT, outcomeOf } from '../meshctl/outcome.js';
import { showEvents, showLinks, showNodes, showStatus, showStreams } from '../meshctl/overview.js';
import { closeStream, publish } from '../meshctl/publish.js';
import { recover } from '../meshctl/recover.js';
import { recoverStream } from '../meshctl/recover-stream.js';
import { subscribe } from '../meshctl/subscribe.js';
import { followUpdates, sendUpdate, showUpdateLogs } from '../meshctl/updates.js';
import { changeTarget, deleteStream, expireProducer } from '../meshctl/targets.js';

interface GlobalOptions {
  readonly grpc: string;
  readonly json?: boolean;
  readonly timeout: number;
}

let acl: Command | null = null;
let config: Command | null = null;
let dlq: Command | null = null;
let checkpoints: Command | null = null;
let targets: Command | null = null;
const program = new Command('meshctl')
  .description('Talks to a mesh node.')
  .option('--grpc <host:port>', 'the node’s gRPC address (MESH_GRPC)', process.env['MESH_GRPC'] ?? '127.0.0.1:7400')
  .option('--json', 'print stable JSON documents')
  .option('--timeout <ms>', 'how long a call may take', whole, 30_000)
  .showHelpAfterError('(meshctl --help lists the commands)')
  .addHelpText('after', '\nExit codes: 0 done, 1 refused or failed, 2 usage, 3 the node is unreachable.')
  .exitOverride();

command('seed <mesh-name>', 'found a mesh with this node as its only member')
  .option('--description <text>')
  .option('--policy <policy>', 'open, key-required or closed; default: key-required with a key, else open')
  .option('--join-key <key>', 'also MESH_JOIN_KEY')
  .option('--join-key-file <file>')
  .action((name: string, options) => run((context) => seed(context, name, options)));
command('join <url...>', 'enter the mesh of the members at these addresses (ws://HOST:PORT)')
  .option('--join-key <key>', 'also MESH_JOIN_KEY')
  .option('--join-key-file <file>')
  .option('--mesh-id <id>', 'refuse any other mesh')
  .action((urls: string[], options) => run((context) => join(context, urls, options)));
command('start', 'take part again after stop').action(() => run(start));
command('stop', 'leave the neighbours and keep everything').action(() => run(stop));
command('leave', 'leave the mesh for good; only join brings the node back, as a new member').action(() => run(leave));
command('evict <node>', 'send a member, by name or id, out of the mesh for good')
  .action((node: string) => run((context) => evict(context, node)));
const recovery = command('recover', 'found a generation of the mesh with the members in reach, when its control group lost its majority for good')
  .option('--yes', 'do it; without it only what would be done is told')
  .option('--tenant <id>', 'whose streams are named')
  .action((options) => run((context) => recover(context, options)));
recovery
  .command('stream <stream>')
  .description('what a stream has lost for good with its members; accepting that needs --accept-loss --yes')
  .option('--tenant <id>')
  .option('--dry-run', 'change nothing (the default)')
  .option('--accept-loss', 'what only lost members held may be gone')
  .option('--yes', 'do it')
  .exitOverride()
  .action((stream: string, _options: unknown, self: Command) => run((context) => recoverStream(context, stream, self.optsWithGlobals())));
command('status', 'this node and its mesh')
  .option('--tenant <id>', 'whose streams are counted')
  .action((options) => run((context) => showStatus(context, options)));
command('nodes', 'the members, with routes').action(() => run(showNodes));
command('links', 'the neighbours').action(() => run(showLinks));
command('streams', 'the tenant’s streams of which this node is a member')
  .option('--tenant <id>')
  .action((options) => run((context) => showStreams(context, options)));
command('send-update <feed> [text]', 'send a mesh, node or database update to every member')
  .option('--topic <topic>')
  .option('--set <key=value>', 'a row to set: of config_kv for mesh updates, of --table for database updates', collect)
  .option('--unset <key>', 'a row to remove', collect)
  .option('--table <table>')
  .option('--sender <name>', 'with --seq: recognised for ever when it is sent again')
  .option('--seq <n>', 'the number of this update at its sender', whole)
  .option('--level <level>', 'wait until committed (default) or applied by every member')
  .action((feed: string, text: string | undefined, options) => run((context) => sendUpdate(context, feed, text, options)));
command('updates <feed>', 'follow mesh, node or database updates, until interrupted')
  .option('--consumer <name>', 'with a durable place at this node; default: from now on')
  .option('--after <seq>', 'the last one already processed', whole)
  .option('--from-start', 'begin with the first update ever, when it is still kept')
  .option('--count <n>', 'end after so many', whole)
  .action((feed: string, options) => run((context) => followUpdates(context, feed, options)));
command('update-logs', 'how far each member has applied updates').action(() => run(showUpdateLogs));
configCommand('get <key>', 'print the value of a key')
  .option('--local', 'what this node knows, without asking the others')
  .action((key: string, options) => run((context) => getConfig(context, key, options)));
configCommand('list [prefix]', 'the keys, with values and revisions')
  .option('--local', 'what this node knows, without asking the others')
  .action((prefix: string | undefined, options) => run((context) => listConfig(context, prefix ?? '', options)));
configChangeCommand('put <key> [value]', 'set a key: every member takes it over')
  .option('--file <file>', 'the value is what the file holds')
  .action((key: string, value: string | undefined, options) => run((context) => putConfig(context, key, value, options)));
configChangeCommand('delete <key>', 'remove a key').action((key: string, options) => run((context) => deleteConfig(context, key, options)));
aclCommand('list', 'the rules that are kept').action(() => run(listAcls));
aclCommand('show [stream]', 'print the rules of a tenant, or of one of its streams')
  .option('--tenant <id>')
  .action((stream: string | undefined, options) => run((context) => showAcl(context, stream, options)));
aclChangeCommand('put <file> [stream]', 'keep the JSON object in the file as rules of a tenant, or of one of its streams')
  .action((file: string, stream: string | undefined, options) => run((context) => putAcl(context, file, stream, options)));
aclChangeCommand('delete [stream]', 'keep no rules').action((stream: string | undefined, options) =>
  run((context) => deleteAcl(context, stream, options)),
);
command('events', 'what changes, until interrupted')
  .option('--kind <kind...>', 'only these')
  .option('--tenant <id>', 'whose streams’ events are shown')
  .option('--after <sequence>', 'begin after this one, if still kept', whole)
  .option('--count <n>', 'end after so many', whole)
  .action((options) => run((context) => showEvents(context, options)));
command('publish [path...]', 'publish files, directories, or standard input (-)')
  .requiredOption('--stream <name|id>', 'opened when it is new and --target is given')
  .option('--target <node>', 'name or id of a member; once for each', collect)
  .option('--optional-target <node>', 'a target that the stream does not wait for; once for each', collect)
  .option('--retain <ms>', 'of a new stream: keep what is completed for so long; with --retain-bytes', whole)
  .option('--retain-bytes <n>', 'of a new stream: keep at most so much of it', whole)
  .option('--quorum <k>', 'complete with any k targets instead of all', whole)
  .option('--require <node>', 'of a new stream: complete with the targets that are named so instead of all; once for each', collect)
  .option('--on-failure <action>', 'of a new stream, when a target keeps failing a message: block (default) or dead-letter')
  .option('--failures <n>', 'of a new stream: how often a message may fail before that', whole)
  .option('--handler-limit <ms>', 'of a new stream: a message that is not acknowledged for so long has failed', whole)
  .option('--digest', 'send a BLAKE3 digest of each whole message, for subscribers to verify')
  .option('--tenant <id>')
  .option('--producer <name>', 'its numbers go on where the last run stopped (default: meshctl)')
  .option('--level <level>', 'wait until accepted, replicated (default) or completed')
  .option('--lines', 'each line of standard input is a message')
  .option('--count <n>', 'publish so many synthetic messages', whole)
  .option('--size <bytes>', 'of that size (default: 256)', whole)
  .action((paths: string[], options) => run((context) => publish(context, paths, options)));
command('close <stream>', 'close a stream, by name or id, of which this node is the source')
  .option('--tenant <id>')
  .action((stream: string, options) => run((context) => closeStream(context, stream, options)));
command('delete <stream>', 'delete a closed stream, by name or id, of which this node is the source: on every member')
  .option('--tenant <id>')
  .option('--force', 'whatever is lost by it; the answer says what')
  .action((stream: string, options) => run((context) => deleteStream(context, stream, options)));
targetCommand('attach', 'a member becomes a target, or is one again')
  .requiredOption('--from <place>', 'now, earliest, checkpoint:NAME, or the first seq that it is to get')
  .option('--optional', 'the stream does not wait for it')
  .action((stream: string, node: string, options) => run((context) => changeTarget(context, 'attach', stream, node, options)));
checkpointCommand('set <stream> <name>', 'name a place, or move the name there: what is settled here, or at the source completed')
  .option('--seq <n>', 'after that message instead', whole)
  .action((stream: string, name: string, options) => run((context) => setCheckpoint(context, stream, name, options)));
checkpointCommand('remove <stream> <name>', 'forget the name').action((stream: string, name: string, options) =>
  run((context) => removeCheckpoint(context, stream, name, options)),
);
checkpointCommand('list <stream>', 'names, and the messages that they come after').action((stream: string, options) =>
  run((context) => listCheckpoints(context, stream, options)),
);
for (const [kind, description] of [
  ['detach', 'it counts no more, and may be attached again'],
  ['remove', 'it leaves the stream'],
  ['make-required', 'the stream waits for it'],
  ['make-optional', 'the stream waits for it no more'],
] as const) {
  targetCommand(kind, description).action((stream: string, node: string, options) =>
    run((context) => changeTarget(context, kind, stream, node, options)),
  );
}
command('expire-producer <stream> <producer>', 'refuse a producer for ever, and forget what it published')
  .option('--tenant <id>')
  .action((stream: string, producer: string, options) => run((context) => expireProducer(context, stream, producer, options)));
paceCommand('pause', 'deliver nothing at a target until resume').action((options) => run((context) => pause(context, options)));
paceCommand('resume', 'deliver again').action((options) => run((context) => resume(context, options)));
paceCommand('throttle', 'deliver at most so much a second, of each stream')
  .option('--messages <n>', '0 is no limit', whole)
  .option('--bytes <n>', '0 is no limit', whole)
  .action((options) => run((context) => throttle(context, options)));
dlqCommand('list [stream]', 'messages that targets gave up on, of one stream or of all').action((stream: string | undefined, options) =>
  run((context) => listLetters(context, stream, options)),
);
dlqCommand('show <stream> <seq>', 'print the payload of one')
  .option('--out <file>', 'write it there instead')
  .action((stream: string, seq: string, options) => run((context) => showLetter(context, stream, whole(seq), options)));
dlqCommand('replay <stream> [seq...]', 'deliver them once more, to whoever subscribes with --dead-letters at their target')
  .option('--all', 'all of the stream')
  .action((stream: string, seqs: string[], options) => run((context) => changeLetters(context, 'replay', stream, seqs, options)));
dlqCommand('discard <stream> [seq...]', 'drop them for good')
  .option('--all', 'all of the stream')
  .action((stream: string, seqs: string[], options) => run((context) => changeLetters(context, 'discard', stream, seqs, options)));
command('subscribe', 'receive a stream of which this node is a target, until interrupted')
  .requiredOption('--stream <name|id>')
  .option('--tenant <id>')
  .option('--out <directory>', 'write each message to a file there before acknowledging it')
  .option('--count <n>', 'end after so many', whole)
  .option('--after <seq>', 'the last seq already processed; default: the node’s own offset', whole)
  .option('--idle <ms>', 'end when nothing came for so long', whole)
  .option('--dead-letters', 'receive the dead letters that are replayed here, instead of the stream')
  .option('--list', 'print a line a message instead of its payload')
  .action((options) => run((context) => subscribe(context, options)));

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
  else fail(error);
}

function checkpointCommand(name: string, description: string): Command {
  checkpoints ??= command('checkpoint', 'named places in a stream, at any of its members: set, remove, list');
  return checkpoints.command(name).description(description).option('--tenant <id>').exitOverride();
}

function targetCommand(name: string, description: string): Command {
  targets ??= command('target', 'change the targets of a stream, at its source: attach, detach, remove, make-required, make-optional');
  return targets.command(`${name} <stream> <node>`).description(description).option('--tenant <id>').exitOverride();
}

function aclCommand(nameAndArguments: string, description: string): Command {
  acl ??= command('acl', 'access rules as documents (kept and versioned, not enforced yet): list, show, put, delete');
  return acl.command(nameAndArguments).description(description).exitOverride();
}

function aclChangeCommand(nameAndArguments: string, description: string): Command {
  return changing(aclCommand(nameAndArguments, description)).option('--tenant <id>');
}

function configCommand(nameAndArguments: string, description: string): Command {
  config ??= command('config', 'the configuration of the mesh: get, put, delete, list');
  return config.command(nameAndArguments).description(description).exitOverride();
}

function configChangeCommand(nameAndArguments: string, description: string): Command {
  return changing(configCommand(nameAndArguments, description));
}

function changing(of: Command): Command {
  return of
    .option('--if-revision <n>', 'only when the key has this revision now; 0: when it does not exist', whole)
    .option('--level <level>', 'wait until committed (default) or applied by every member');
}

function paceCommand(name: string, description: string): Command {
  return command(name, description)
    .requiredOption('--target <node>', 'name or id of the target')
    .option('--stream <name|id>', 'only this one; default: all of the tenant that this node is a member of')
    .option('--priority <n>', 'only those of that priority', whole)
    .option('--tenant <id>');
}

function dlqCommand(nameAndArguments: string, description: string): Command {
  dlq ??= command('dlq', 'dead letters: list, show, replay, discard');
  return dlq
    .command(nameAndArguments)
    .description(description)
    .option('--tenant <id>')
    .option('--target <node>', 'only where that node gave up')
    .exitOverride();
}

function command(nameAndArguments: string, description: string): Command {
  return program.command(nameAndArguments).description(description).exitOverride();
}

async function run(action: (context: Context) => Promise<void>): Promise<void> {
  const { grpc, json, timeout } = program.opts<GlobalOptions>();
  if (!/:\d+$/.test(grpc)) throw new CommandRefused(`--grpc must be HOST:PORT, got "${grpc}"`);
  const client = new MeshClient(grpc, { timeoutMs: timeout });
  try {
    await action({ client, console: terminal(json === true) });
  } finally {
    client.close();
  }
}

/** One line, or one document with --json. */
function fail(error: unknown): void {
  const { grpc, json } = program.opts<GlobalOptions>();
  const outcome = outcomeOf(error, grpc);
  if (outcome === null) throw error;
  const { exitCode, line, code, subject } = outcome;
  process.exitCode = exitCode;
  if (json === true) process.stdout.write(`${JSON.stringify({ error: { code, subject, detail: line } })}\n`);
  process.stderr.write(`meshctl: ${line}\n`);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('a whole number is wanted.');
  return value;
}
