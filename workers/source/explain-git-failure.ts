import { redactSecrets } from '#queue/redact-secrets.ts'
import { SourceError, type SourceErrorCode } from './source-error.ts'

const DETAIL_CHARACTERS = 300

type Rule = { readonly pattern: RegExp; readonly code: SourceErrorCode; readonly advice: string }

/** What git says on failure (with LC_ALL=C), most specific first. */
const RULES: readonly Rule[] = [
  {
    pattern: /dubious ownership/i,
    code: 'denied',
    advice:
      'The repository folder belongs to another user than the one running Tailgate, and git refuses to serve it. ' +
      "Run Tailgate as the folder's owner or change the owner; safe.directory in a user's git configuration is not read here."
  },
  {
    pattern: /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i,
    code: 'commit_not_found',
    advice:
      'The commit is not in the repository any more: a force-push may have replaced it. Start a run on the current commit.'
  },
  {
    pattern: /returned error: 30\d|unable to update url base from redirection/i,
    code: 'unreachable',
    advice: 'The server answers with a redirect, which is not followed. Set the clone URL to the final address.'
  },
  {
    pattern: /returned error: 5\d\d|returned error: 429/i,
    code: 'unreachable',
    advice: 'The git server is overloaded or failing. Try again later.'
  },
  {
    pattern:
      /authentication failed|could not read (?:username|password)|returned error: 40[13]|terminal prompts disabled/i,
    code: 'denied',
    advice: 'The token was refused. Check that the App is installed on this repository and may read its contents.'
  },
  {
    pattern: /repository .* not found|returned error: 404/i,
    code: 'denied',
    advice:
      'The repository does not exist or the token may not see it. Check the clone URL and the installation of the App.'
  },
  {
    pattern: /permission denied/i,
    code: 'denied',
    advice: 'The user that runs Tailgate may not read the repository folder. Give it read access.'
  },
  {
    pattern: /does not appear to be a git repository|not a git repository/i,
    code: 'unreachable',
    advice: 'There is no git repository at this address. Check the path.'
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'git_failed',
    advice: "Free disk space on the worker's working folder."
  },
  {
    pattern: /fsck|^(?:error|fatal): .*(?:badTree|hasDot|zeroPadded|gitmodules)/im,
    code: 'git_failed',
    advice:
      'The commit holds objects that git considers malformed or dangerous, so it is not checked out. Run "git fsck --strict" on it.'
  },
  {
    pattern:
      /unable to access|could not resolve|failed to connect|connection (?:refused|reset|timed out)|early EOF|hung up|RPC failed/i,
    code: 'unreachable',
    advice: "Check the worker's network, DNS and proxy, and that the git server is up."
  }
]

/**
 * Turns the output of a failed fetch into an error that says what to do.
 * Not for later steps: their output may quote file names, which the pull request chooses.
 */
export function explainFetchFailure(options: {
  readonly stderr: string
  readonly exitCode: number | null
  readonly href: string
  readonly sha: string
  readonly secrets: readonly string[]
}): SourceError {
  const rule = RULES.find((candidate) => candidate.pattern.test(options.stderr))
  const detail = summarizeGitOutput(options.stderr, options.secrets)
  const advice = rule?.advice ?? 'Run the same fetch by hand on the worker to see more.'
  const what = `Could not fetch ${options.sha} from ${options.href} (git exit code ${options.exitCode ?? 'none'})`
  return new SourceError(rule?.code ?? 'git_failed', `${what}: ${detail} ${advice}`)
}

/** The line of git's output that names the cause: one line, no control characters, no secrets, cut to a readable length. */
export function summarizeGitOutput(stderr: string, secrets: readonly string[]): string {
  const lines = redactSecrets(stderr, secrets)
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim())
    .filter((line) => line !== '')
  const cause = lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines.at(-1) ?? 'git said nothing.'
  const cut = cause.length > DETAIL_CHARACTERS ? `${cause.slice(0, DETAIL_CHARACTERS)}…` : cause
  return /[.!?…]$/.test(cut) ? cut : `${cut}.`
}
