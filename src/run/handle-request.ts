import { answerHelp, answerInvalid, answerText } from '#src/report/render-answer.ts'
import type { PullFacts, RunDeps } from './ports.ts'
import { isLive, type RepositoryRef, type Run, type Trigger } from './run.ts'
import type { RunRequest } from './run-request.ts'

/** Handles one stored request: reads the pull request as it is now and brings its runs in line. Safe to repeat. */
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
  await startFreshAttempt(deps, repository, pull, runs, 'rerun', requestedBy)
}

/** One live run for the current head of an open pull request, none for anything else. */
export async function alignRuns(
  deps: RunDeps,
  repository: RepositoryRef,
  pull: PullFacts,
  runs: readonly Run[]
): Promise<void> {
  if (!pull.open) return cancelLive(deps, runs, 'The pull request was closed.')
  await cancelLive(
    deps,
    runs.filter(({ headSha, baseRef }) => headSha !== pull.headSha || baseRef !== pull.baseRef),
    `Superseded: the head of the pull request is now ${pull.headSha}.`
  )
  const current = runs.some(
    (run) => run.headSha === pull.headSha && run.baseRef === pull.baseRef && run.cancelReason === null
  )
  if (!current) await createRun(deps, repository, pull, 'automatic', null)
}

async function cancelLive(deps: RunDeps, runs: readonly Run[], reason: string): Promise<void> {
  for (const run of runs) {
    if (isLive(run) && run.cancelReason === null) await deps.store.setCancelReason(run.id, reason)
  }
}

type CommandRequest = Extract<RunRequest, { kind: 'command' }>

async function handleCommand(
  deps: RunDeps,
  request: CommandRequest,
  pull: PullFacts,
  runs: readonly Run[]
): Promise<void> {
  const { repository, command, commentId } = request
  const refusal = await refuseCommand(deps, request, pull)
  await deps.github.react(repository, commentId, refusal === null ? 'eyes' : 'confused')
  if (refusal !== null) {
    await deps.github.createComment(repository, request.pullRequest, refusal)
    return
  }
  if (command.kind === 'help') {
    await deps.github.createComment(repository, request.pullRequest, answerHelp())
    return
  }
  if (command.kind === 'cancel') return cancelLive(deps, runs, `Cancelled by ${request.author}.`)
  return startFreshAttempt(deps, repository, pull, runs, 'command', request.author)
}

/** Why a command is not carried out, as the text of the answer; null when it is. */
async function refuseCommand(deps: RunDeps, request: CommandRequest, pull: PullFacts): Promise<string | null> {
  const { command } = request
  if (command.kind === 'invalid') return answerInvalid(command.word, command.suggestion)
  if (command.kind === 'help') return null
  if (!(await deps.github.mayWrite(request.repository, request.author))) {
    return answerText('Only people with write access to this repository can give this command.')
  }
  if (command.kind === 'cancel') return null
  if (!pull.open) return answerText('This pull request is closed; there is nothing to measure.')
  if (command.sha === null) {
    if (!pull.fromFork) return null
    return answerText(
      `This pull request comes from a fork. Read its code, then approve exactly this head: \`/benchmark ${pull.headSha}\`.`
    )
  }
  if (pull.headSha.startsWith(command.sha)) return null
  return answerText(`The head of this pull request is ${pull.headSha}; only that commit can be measured.`)
}

async function startFreshAttempt(
  deps: RunDeps,
  repository: RepositoryRef,
  pull: PullFacts,
  runs: readonly Run[],
  trigger: Trigger,
  requestedBy: string
): Promise<void> {
  if (!pull.open) return
  const running = runs.some((run) => isLive(run) && run.cancelReason === null && run.headSha === pull.headSha)
  if (running) return
  await cancelLive(deps, runs, `Superseded by a run that ${requestedBy} asked for.`)
  await createRun(deps, repository, pull, trigger, requestedBy)
}

async function createRun(
  deps: RunDeps,
  repository: RepositoryRef,
  pull: PullFacts,
  trigger: Trigger,
  approvedBy: string | null
): Promise<void> {
  const { number: pullRequest, headSha, baseRef, fromFork } = pull
  await deps.store.createRun({ repository, pullRequest, headSha, baseRef, trigger, fromFork, approvedBy })
}
