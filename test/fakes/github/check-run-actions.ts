import { readCommit } from './git-history.ts'
import type { JsonObject } from './json.ts'
import { describeCheckRunEvent, describeFullCheckSuite } from './representations/describe-check-run.ts'
import type { CheckRunRecord, RepositoryRecord } from './state.ts'
import { requireRecord } from './state.ts'
import type { World } from './world.ts'

function emitToOwner(world: World, run: CheckRunRecord, event: string, by: string, body: JsonObject): void {
  const repository = requireRecord(world.state.repositories, run.repositoryId, 'repository')
  world.emit({ event, repository, sender: by, appId: run.appId, body })
}

/** Somebody clicks "Re-run" on one check. GitHub changes nothing itself: the app must reset or recreate the run. */
export function rerequestCheckRun(world: World, run: CheckRunRecord, by: string): void {
  emitToOwner(world, run, 'check_run', by, { action: 'rerequested', check_run: describeCheckRunEvent(world, run) })
}

/** Somebody clicks "Re-run all checks". */
export async function rerequestCheckSuite(world: World, run: CheckRunRecord, by: string): Promise<void> {
  const repository: RepositoryRecord = requireRecord(world.state.repositories, run.repositoryId, 'repository')
  const headCommit = await readCommit(repository.folder, run.headSha)
  const suite = describeFullCheckSuite(world, run, headCommit)
  emitToOwner(world, run, 'check_suite', by, { action: 'rerequested', check_suite: suite })
}

/** Somebody clicks one of the run's own buttons, which GitHub shows on completed runs only. */
export function clickCheckAction(world: World, run: CheckRunRecord, identifier: string, by: string): void {
  const action = run.actions.find((candidate) => candidate.identifier === identifier)
  if (action === undefined) throw new Error(`Check run ${run.id} (${run.name}) offers no action ${identifier}`)
  if (run.status !== 'completed') throw new Error(`Check run ${run.id} (${run.name}) is not completed: no buttons yet`)
  const body = {
    action: 'requested_action',
    check_run: describeCheckRunEvent(world, run),
    requested_action: { identifier }
  }
  emitToOwner(world, run, 'check_run', by, body)
}
