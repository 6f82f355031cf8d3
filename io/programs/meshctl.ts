#!/usr/bin/env node
/** meshctl: an operator's and a script's way to a node. Tables for people; `--json` prints stable documents. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { MeshClient } from '../client/mesh-client.js';
import { terminal } from '../meshctl/console.js';
import type { Context } from '../meshctl/context.js';
import { join, seed, start, stop } from '../meshctl/membership.js';
import { CommandRefused, EXIT, outcomeOf } from '../meshctl/outcome.js';
import { showEvents, showLinks, showNodes, showStatus, showStreams } from '../meshctl/overview.js';
import { closeStream, publish } from '../meshctl/publish.js';
import { subscribe } from '../meshctl/subscribe.js';

interface GlobalOptions {
  readonly grpc: string;
  readonly json?: boolean;
  readonly timeout: number;
}

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
command('status', 'this node and its mesh').action(() => run(showStatus));
command('nodes', 'the members, with routes').action(() => run(showNodes));
command('links', 'the neighbours').action(() => run(showLinks));
command('streams', 'the streams of which this node is a member').action(() => run(showStreams));
command('events', 'what changes, until interrupted')
  .option('--kind <kind...>', 'only these')
  .option('--after <sequence>', 'begin after this one, if still kept', whole)
  .option('--count <n>', 'end after so many', whole)
  .action((options) => run((context) => showEvents(context, options)));
command('publish [path...]', 'publish files, directories, or standard input (-)')
  .requiredOption('--stream <name|id>', 'opened when it is new and --target is given')
  .option('--target <node>', 'name or id of a member; once for each', collect)
  .option('--quorum <k>', 'complete with any k targets instead of all', whole)
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
command('subscribe', 'receive a stream of which this node is a target, until interrupted')
  .requiredOption('--stream <name|id>')
  .option('--tenant <id>')
  .option('--out <directory>', 'write each message to a file there before acknowledging it')
  .option('--count <n>', 'end after so many', whole)
  .option('--after <seq>', 'the last seq already processed; default: the node’s own offset', whole)
  .option('--idle <ms>', 'end when nothing came for so long', whole)
  .option('--list', 'print a line a message instead of its payload')
  .action((options) => run((context) => subscribe(context, options)));

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
  else fail(error);
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
