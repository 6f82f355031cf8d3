/** What the programs of this folder have in common on their command lines. */
import { type Command, CommanderError, InvalidArgumentError } from 'commander';

/** The options of a program that throws where it would exit; an exit code when they are wrong or help was asked for. */
export function optionsOf<Options extends object>(program: Command, argv: readonly string[]): Options | number {
  try {
    return program.parse([...argv], { from: 'user' }).opts<Options & Record<string, unknown>>();
  } catch (error) {
    // Commander has told the mistake, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

/** A whole number from 1 on. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
}
