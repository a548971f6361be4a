import type { JsonObject } from './json.ts'
import type { InstallationRecord, RepositoryRecord, State } from './state.ts'

/** An event to deliver to every app that is installed on `repository` and subscribed to it. */
export interface RepositoryEvent {
  readonly event: string
  readonly repository: RepositoryRecord
  readonly sender: string
  /** The payload without `repository`, `sender` and `installation`, which are the same for every event. */
  readonly body: JsonObject
  /** Only this app gets the event, as with `check_run.rerequested`. */
  readonly appId?: number
}

/** What every part of the stand-in shares. */
export interface World {
  readonly state: State
  /** `http://127.0.0.1:port`, no slash at the end. */
  readonly origin: string
  readonly apiUrl: string
  /** Folder that holds the bare repositories. */
  readonly folder: string
  readonly now: () => Date
  readonly emit: (event: RepositoryEvent) => void
  /** Tells an app that it was installed (`created`), removed (`deleted`), suspended or taken back (`unsuspend`). */
  readonly emitInstallation: (installation: InstallationRecord, action: string) => void
}

/** GitHub's timestamps have whole seconds. */
export function timestamp(world: Pick<World, 'now'>): string {
  return world
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
}
