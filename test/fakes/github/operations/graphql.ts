import type { Actor } from '../authentication.ts'
import { allows, includesRepository } from '../authorization.ts'
import { GitHubError } from '../github-error.ts'
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject, readString } from '../json.ts'
import { commentNodeId } from '../representations/describe-comment.ts'
import type { CommentRecord } from '../state.ts'
import { requireRecord } from '../state.ts'
import type { World } from '../world.ts'
import type { Answer } from './operation.ts'
import { answer } from './operation.ts'

const classifiers = ['ABUSE', 'DUPLICATE', 'OFF_TOPIC', 'OUTDATED', 'RESOLVED', 'SPAM']

/**
 * Answers the one mutation that the stand-in knows, `minimizeComment`. This is no GraphQL engine: it reads the two
 * input fields, given literally or through variables, and always selects both fields of `minimizedComment`.
 */
export function answerGraphql(world: World, actor: Actor, body: JsonObject): Answer {
  if (actor.kind === 'anonymous') throw new GitHubError(401, 'This endpoint requires you to be authenticated.')
  const query = readString(body, 'query') ?? ''
  if (!/\bminimizeComment\s*\(/.test(query)) {
    return failure('undefinedField', 'The GitHub stand-in knows no field but minimizeComment', [])
  }
  const variables = isJsonObject(body.variables) ? body.variables : {}
  const input = readInput(query, variables)
  const classifier = input.classifier ?? ''
  if (!classifiers.includes(classifier)) {
    return failure('argumentLiteralsIncompatible', `"${classifier}" is no ReportedContentClassifiers`, [])
  }
  const comment = [...world.state.comments.values()].find((candidate) => commentNodeId(candidate) === input.subjectId)
  if (comment === undefined || !canSee(world, actor, comment)) {
    return failure('NOT_FOUND', `Could not resolve to a node with the global id of '${input.subjectId}'`)
  }
  if (!canWrite(actor)) return failure('FORBIDDEN', 'Resource not accessible by integration')
  const minimizedReason = classifier.toLowerCase().replace('_', '-')
  world.state.comments.set(comment.id, { ...comment, minimizedReason })
  const minimizedComment = { isMinimized: true, minimizedReason }
  return answer({ data: { minimizeComment: { clientMutationId: null, minimizedComment } } })
}

interface MinimizeInput {
  readonly subjectId: string | undefined
  readonly classifier: string | undefined
}

function readInput(query: string, variables: JsonObject): MinimizeInput {
  const whole = /\binput\s*:\s*\$(\w+)/.exec(query)?.[1]
  const input = whole === undefined ? undefined : variables[whole]
  if (isJsonObject(input)) {
    return { subjectId: readString(input, 'subjectId'), classifier: readString(input, 'classifier') }
  }
  return { subjectId: readField(query, variables, 'subjectId'), classifier: readField(query, variables, 'classifier') }
}

function readField(query: string, variables: JsonObject, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*:\\s*(?:\\$(\\w+)|"([^"]*)"|(\\w+))`).exec(query)
  if (match === null) return undefined
  const [, variable, text, word] = match
  return variable === undefined ? (text ?? word) : readString(variables, variable)
}

function canSee(world: World, actor: Actor, comment: CommentRecord): boolean {
  const repository = requireRecord(world.state.repositories, comment.repositoryId, 'repository')
  if (actor.kind !== 'installation' || !includesRepository(actor.installation, repository)) return !repository.isPrivate
  return actor.token.repositoryIds?.includes(repository.id) ?? true
}

function canWrite(actor: Actor): boolean {
  if (actor.kind !== 'installation') return false
  return allows(actor.token.permissions, { name: 'pull_requests', level: 'write' })
}

/** GraphQL answers its errors with status 200. */
function failure(type: string, message: string, path: readonly Json[] = ['minimizeComment']): Answer {
  return answer({ data: path.length === 0 ? null : { minimizeComment: null }, errors: [{ type, path, message }] })
}
