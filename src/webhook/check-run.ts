import type { RunRequest } from '#src/run/run-request.ts'
import { CheckRunPayload, parsePayload, toRepositoryRef } from './payload.ts'

/** Someone pressed "Re-run" on a check. Null when the check is another App's. */
export function requestFromCheckRun(deliveryId: string, body: unknown, appId: number): RunRequest | null {
  const payload = parsePayload(CheckRunPayload, body)
  const { check_run, sender } = payload
  if (check_run.app?.id !== appId) return null
  return {
    kind: 'rerun',
    deliveryId,
    repository: toRepositoryRef(payload),
    runId: check_run.external_id,
    requestedBy: sender.login
  }
}
