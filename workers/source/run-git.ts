import { type ProgramCommand, runProgram } from './run-program.ts'
import { SourceError } from './source-error.ts'

export type GitCommand = Omit<ProgramCommand, 'program'> & { readonly gitPath: string }

export type GitOutcome = { readonly exitCode: number | null; readonly stderr: string }

/**
 * Runs one git command to its end. A non-zero exit is an outcome, not an error.
 *
 * @throws SourceError `git_missing` when the program cannot be started; the signal's reason when it was stopped.
 */
export async function runGit({ gitPath, ...command }: GitCommand): Promise<GitOutcome> {
  const outcome = await runProgram({ ...command, program: gitPath })
  if (outcome.kind === 'ended') return outcome
  const message = `The program "${gitPath}" could not be started. Install git 2.32 or newer on the worker.`
  throw new SourceError('git_missing', message, { cause: outcome.cause })
}
