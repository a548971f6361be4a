import { answerHelp, answerInvalid, answerText } from '#src/report/render-answer.ts'
import { alignRuns, cancelLive, startFreshAttempt } from './align-runs.ts'
import type { PullFacts, RunDeps } from './ports.ts'
import type { Run } from './run.ts'
import type { RunRequest } from './run-request.ts'

type CommandRequest = Extract<RunRequest, { kind: 'command' }>

/**
 * Handles one stored request: reads the pull request as it is now and brings its runs in line. Repeating it starts and
 * cancels nothing twice; an answer in words may come twice when the process dies between writing it and noting that.
 */
export async function handleRequest(deps: RunDeps, request: RunRequest): Promise<void> {
  if (request.kind === 'rerun') return handleRerun(deps, request)
  const pull = await deps.github.readPull(request.repository, request.pullRequest)
  if (pull === null) return
  const runs = await deps.store.runsOfPull(request.repository.id, request.pullRequest)
  if (request.kind === 'command') return handleCommand(deps, request, pull, runs)
  return alignRuns(deps, request.repository, pull, runs)
}

async function handleRerun(deps: RunDeps, request: Extract<RunRequest, { kind: 'rerun' }>): Promise<void> {
  const { repository, requestedBy } = request
  const old = await deps.store.findRun(request.runId)
  if (old === null || old.repository.id !== repository.id) return
  const pull = await deps.github.readPull(repository, old.pullRequest)
  if (pull === null || pull.headSha !== old.headSha) return
  if (!(await deps.github.mayWrite(repository, requestedBy))) return
  const runs = await deps.store.runsOfPull(repository.id, old.pullRequest)
  await startFreshAttempt(deps, repository, pull, runs, { trigger: 'rerun', by: requestedBy })
}

async function handleCommand(
  deps: RunDeps,
  request: CommandRequest,
  pull: PullFacts,
  runs: readonly Run[]
): Promise<void> {
  const { repository, command, author } = request
  // Strangers get no answer in words: they could make the bot write as many comments as they like.
  if (!(await deps.github.mayWrite(repository, author))) return react(deps, request, 'confused')
  const refusal = refuseCommand(request, pull)
  if (refusal !== null) {
    await deps.github.createComment(repository, request.pullRequest, refusal)
    return react(deps, request, 'confused')
  }
  if (command.kind === 'help') await deps.github.createComment(repository, request.pullRequest, answerHelp())
  if (command.kind === 'cancel') await cancelLive(deps, runs, { kind: 'person', reason: `Cancelled by ${author}.` })
  if (command.kind === 'run') {
    await startFreshAttempt(deps, repository, pull, runs, { trigger: 'command', by: author })
  }
  return react(deps, request, 'eyes')
}

/** A reaction is a courtesy: the comment may be gone by now, and the command counts all the same. */
async function react(deps: RunDeps, request: CommandRequest, reaction: 'eyes' | 'confused'): Promise<void> {
  await deps.github.react(request.repository, request.commentId, reaction).catch((error: unknown) => {
    deps.log.warn({ commentId: request.commentId, err: error }, 'the command was handled, but the reaction failed')
  })
}

/** Why a command by somebody who may give it is not carried out, as the text of the answer; null when it is. */
function refuseCommand({ command }: CommandRequest, pull: PullFacts): string | null {
  if (command.kind === 'invalid') return answerInvalid(command.word, command.suggestion)
  if (command.kind !== 'run') return null
  if (!pull.open) return answerText('This pull request is closed; there is nothing to measure.')
  if (pull.fromFork && command.sha !== pull.headSha) {
    // A whole SHA: a short one leaves room for a second commit with the same beginning.
    return answerText(
      `This pull request comes from a fork. Read its code, then approve exactly this head: \`/benchmark ${pull.headSha}\`.`
    )
  }
  if (command.sha === null || pull.headSha.startsWith(command.sha)) return null
  return answerText(`The head of this pull request is ${pull.headSha}; only that commit can be measured.`)
}
