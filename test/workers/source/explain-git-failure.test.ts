import { describe, expect, test } from 'vitest'
import { explainFetchFailure, summarizeGitOutput } from '#workers/source/explain-git-failure.ts'

function explain(stderr: string) {
  return explainFetchFailure({
    stderr,
    exitCode: 128,
    href: 'https://github.com/o/r.git',
    sha: 'a'.repeat(40),
    secrets: []
  })
}

describe('explainFetchFailure', () => {
  test.each([
    ['fatal: remote error: upload-pack: not our ref aaaa', 'commit_not_found'],
    ['error: Server does not allow request for unadvertised object aaaa', 'commit_not_found'],
    ["fatal: Authentication failed for 'https://github.com/o/r.git/'", 'denied'],
    ["remote: Repository not found.\nfatal: repository 'https://github.com/o/r.git/' not found", 'denied'],
    ["fatal: unable to access 'https://github.com/o/r.git/': The requested URL returned error: 403", 'denied'],
    ["fatal: unable to access 'https://x/': Could not resolve host: x", 'unreachable'],
    ["fatal: unable to access 'https://x/': server certificate verification failed.", 'unreachable'],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 502", 'unreachable'],
    ['fatal: write error: No space left on device', 'git_failed'],
    ['something new', 'git_failed'],
    ['', 'git_failed']
  ])('reads %j as %s', (stderr, code) => {
    expect(explain(stderr).code).toBe(code)
  })

  test('says what, where and what to do in one line', () => {
    expect(explain("fatal: unable to access 'https://x/': Could not resolve host: x\n").message).toBe(
      `Could not fetch ${'a'.repeat(40)} from https://github.com/o/r.git (git exit code 128): ` +
        "fatal: unable to access 'https://x/': Could not resolve host: x. " +
        "Check the worker's network, DNS and proxy, and that the git server is up."
    )
  })
})

describe('summarizeGitOutput', () => {
  test('takes the line that names the cause, without control characters', () => {
    expect(summarizeGitOutput('remote: hello\r\nfatal: \u001b[31mbad\u202e thing\nmore\n', [])).toBe(
      'fatal:  [31mbad  thing.'
    )
  })

  test('hides secrets and cuts long lines', () => {
    expect(summarizeGitOutput('fatal: hush', ['hush'])).toBe('fatal: [redacted].')
    expect(summarizeGitOutput(`fatal: ${'x'.repeat(1000)}`, []).length).toBeLessThan(310)
  })
})
