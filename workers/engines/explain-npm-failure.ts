import type { EngineVersion } from '#contracts/session.ts'
import type { EngineFailure, EngineFailureCode } from './engine-failure.ts'

const SAID_MAX_CHARACTERS = 300

type Rule = {
  readonly pattern: RegExp
  readonly code: EngineFailureCode
  readonly what: string
  readonly hint: string
}

/** By npm's error code, which it prints first. */
const RULES: readonly Rule[] = [
  {
    pattern: /\bcode (?:ETARGET|E404)\b/,
    code: 'engine_unknown',
    what: 'The registry has no such release',
    hint: 'Name a released version of onnxruntime-node.'
  },
  {
    pattern: /\bcode EBADENGINE\b/,
    code: 'node_unsuitable',
    what: "It does not run on the worker's Node",
    hint: 'Name another version of onnxruntime-node, or run the worker with the Node that this one needs.'
  },
  {
    pattern: /\bcode EBADPLATFORM\b/,
    code: 'engine_unusable',
    what: "It does not run on the worker's system",
    hint: 'Name another version of onnxruntime-node.'
  },
  {
    pattern: /\bcode (?:EINTEGRITY|TAR_BAD_ARCHIVE|Z_\w+)\b/,
    code: 'engine_damaged',
    what: 'What the registry sent is damaged',
    hint: 'Try again. If it stays, check the registry and any proxy between.'
  },
  {
    pattern: /\bcode (?:ENOSPC|EDQUOT)\b/,
    code: 'install_failed',
    what: "The worker's disk is full",
    hint: "Free space in the worker's DATA_DIR."
  },
  {
    pattern: /\bcode (?:E401|E403)\b/,
    code: 'registry_unreachable',
    what: 'The registry wants credentials, and none are sent',
    hint: "Set the worker's registry to one that can be read without."
  },
  {
    pattern:
      /\bcode (?:ENOTFOUND|ECONN\w+|ETIMEDOUT|EAI_AGAIN|ERR_SOCKET_TIMEOUT|E5\d\d|E429|\w*CERT\w*|EHOSTUNREACH)\b|network/i,
    code: 'registry_unreachable',
    what: 'The registry cannot be reached',
    hint: "Check the worker's network and the address of its registry."
  }
]

/** Turns the output of an npm that failed into what to say about one engine. */
export function explainNpmFailure(stderr: string, version: EngineVersion): EngineFailure {
  const rule = RULES.find(({ pattern }) => pattern.test(stderr))
  const { code, what, hint } = rule ?? {
    code: 'install_failed',
    what: 'npm failed',
    hint: `Run \`npm install --ignore-scripts onnxruntime-node@${version}\` on the worker to see more.`
  }
  return {
    code,
    message: `onnxruntime-node ${version} was not installed. ${what}: ${summarizeNpmOutput(stderr)}.`,
    hint
  }
}

/** What npm says after its error code: one line, without paths of this machine, control characters or colours. */
function summarizeNpmOutput(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.replace(/^npm (?:error|ERR!)\s*(?:(?:engine|network|notarget|notsup|nospc|404) )?/, ''))
    .filter((line) => !/^(?:npm warn|code |errno |syscall |path |A complete log|.*_logs\/)|^\s*$/i.test(line))
  const said = [...new Set(lines)]
    .slice(0, 4)
    .join(' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
  return said.slice(0, SAID_MAX_CHARACTERS).replace(/[.\s]*$/, '') || 'npm said nothing'
}
