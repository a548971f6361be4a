import type { GitHubError } from './github-error.ts'
import { invalidRequest, validationFailed } from './github-error.ts'
import type { JsonObject } from './json.ts'
import { readNumber, readObject, readObjects, readString } from './json.ts'
import type { Annotation, CheckAction, CheckRunRecord } from './state.ts'

const largestTextBytes = 65_535
const largestAnnotationTextBytes = 64 * 1024

/** The fields that a request may change, read from its body; absent keys are left out. */
type Changes = Partial<Omit<CheckRunRecord, 'id' | 'suiteId' | 'repositoryId' | 'appId'>>

/**
 * Applies the body of a create or update request to `current` as GitHub does: a conclusion completes the run, a new
 * status without one reopens it, annotations are appended and everything else is replaced.
 *
 * The body already matches GitHub's published schema. What is checked here is what only the server knows; a broken
 * rule throws the 422 (or 403) that GitHub sends.
 */
export function applyCheckRunBody(current: CheckRunRecord, body: JsonObject, nowTimestamp: string): CheckRunRecord {
  refuseReservedConclusion(body)
  const progress = readProgress(current, body, nowTimestamp)
  const output = readOutput(body)
  const annotations = readAnnotations(body)
  const changes: Changes = {
    ...(readString(body, 'name') === undefined ? {} : { name: readString(body, 'name') ?? current.name }),
    ...(readString(body, 'details_url') === undefined ? {} : { detailsUrl: readDetailsUrl(body) }),
    ...(readString(body, 'external_id') === undefined ? {} : { externalId: readString(body, 'external_id') ?? '' }),
    ...(readString(body, 'started_at') === undefined ? {} : { startedAt: readString(body, 'started_at') ?? '' }),
    ...(body.actions === undefined ? {} : { actions: readActions(body) }),
    ...output,
    ...progress
  }
  return { ...current, ...changes, annotations: [...current.annotations, ...annotations] }
}

function refuseReservedConclusion(body: JsonObject): void {
  // Only GitHub itself gives this one, after 14 days.
  if (body.conclusion === 'stale') throw invalidRequest('The conclusion "stale" can only be set by GitHub.')
  if (['waiting', 'requested', 'pending'].includes(readString(body, 'status') ?? '')) {
    throw invalidRequest(`The status "${readString(body, 'status')}" can only be set by GitHub Actions.`)
  }
}

function readProgress(current: CheckRunRecord, body: JsonObject, nowTimestamp: string): Changes {
  const status = readString(body, 'status')
  const conclusion = readString(body, 'conclusion')
  const completedAt = readString(body, 'completed_at')
  if (conclusion !== undefined) {
    return { status: 'completed', conclusion, completedAt: completedAt ?? nowTimestamp }
  }
  if (status === 'completed') {
    throw invalidRequest('No subschema in "anyOf" matched.\n"conclusion" wasn\'t supplied.')
  }
  if (status !== undefined) return { status, conclusion: null, completedAt: null }
  // A completion time without a conclusion says nothing that GitHub could show.
  return completedAt === undefined || current.conclusion === null ? {} : { completedAt }
}

function readDetailsUrl(body: JsonObject): string {
  const url = readString(body, 'details_url') ?? ''
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url
  throw validationFailed({
    resource: 'CheckRun',
    field: 'details_url',
    code: 'custom',
    message: 'details_url must use the http or https scheme'
  })
}

function readOutput(body: JsonObject): Changes {
  const output = readObject(body, 'output')
  if (output === undefined) return {}
  for (const field of ['summary', 'text']) {
    // The schema counts characters, the server bytes (github/docs#35252).
    if (Buffer.byteLength(readString(output, field) ?? '') > largestTextBytes) throw tooManyBytes(field)
  }
  const title = readString(output, 'title')
  const text = readString(output, 'text')
  return {
    summary: readString(output, 'summary') ?? null,
    ...(title === undefined ? {} : { title }),
    ...(text === undefined ? {} : { text })
  }
}

function tooManyBytes(field: string): GitHubError {
  const message = `${field} exceeds a maximum bytesize of ${largestTextBytes}`
  return validationFailed({ resource: 'CheckRun', code: 'custom', field, message })
}

function readActions(body: JsonObject): readonly CheckAction[] {
  return readObjects(body, 'actions').map((action) => ({
    label: readString(action, 'label') ?? '',
    description: readString(action, 'description') ?? '',
    identifier: readString(action, 'identifier') ?? ''
  }))
}

function readAnnotations(body: JsonObject): readonly Annotation[] {
  return readObjects(readObject(body, 'output') ?? {}, 'annotations').map(readAnnotation)
}

function readAnnotation(annotation: JsonObject): Annotation {
  const startLine = readNumber(annotation, 'start_line') ?? 0
  const endLine = readNumber(annotation, 'end_line') ?? 0
  const startColumn = readNumber(annotation, 'start_column') ?? null
  const endColumn = readNumber(annotation, 'end_column') ?? null
  if (startLine !== endLine && (startColumn !== null || endColumn !== null)) {
    throw refusedAnnotation('start_column', 'columns are allowed only when start_line and end_line are equal')
  }
  if (endLine < startLine) throw refusedAnnotation('end_line', 'end_line must not be before start_line')
  for (const field of ['message', 'raw_details']) {
    if (Buffer.byteLength(readString(annotation, field) ?? '') > largestAnnotationTextBytes) {
      throw refusedAnnotation(field, `${field} exceeds 64 KB`)
    }
  }
  if ((readString(annotation, 'title') ?? '').length > 255)
    throw refusedAnnotation('title', 'title exceeds 255 characters')
  return {
    path: readString(annotation, 'path') ?? '',
    startLine,
    endLine,
    startColumn,
    endColumn,
    level: readString(annotation, 'annotation_level') ?? 'notice',
    message: readString(annotation, 'message') ?? '',
    title: readString(annotation, 'title') ?? null,
    rawDetails: readString(annotation, 'raw_details') ?? null
  }
}

function refusedAnnotation(field: string, message: string): GitHubError {
  return validationFailed({ resource: 'CheckAnnotation', field, code: 'custom', message })
}
