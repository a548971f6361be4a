import { describe, expect, test } from 'vitest'
import { explainProbeFailure } from '#workers/sandbox/find-bubblewrap.ts'

describe('explainProbeFailure', () => {
  test('names the version to install when an option is unknown', () => {
    expect(explainProbeFailure('/usr/bin/bwrap', 'bwrap: Unknown option --disable-userns\n')).toBe(
      '/usr/bin/bwrap does not work here: bwrap: Unknown option --disable-userns. Install bubblewrap 0.8 or newer.'
    )
  })

  test.each([
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    'bwrap: setting up uid map: Permission denied',
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted"
  ])('says how to allow namespaces: %s', (output) => {
    const reason = explainProbeFailure('/usr/bin/bwrap', output)

    expect(reason).toContain('AppArmor')
    expect(reason).toContain('--security-opt')
  })

  test('stays one line, also when nothing was printed', () => {
    expect(explainProbeFailure('/usr/bin/bwrap', '')).toBe('/usr/bin/bwrap does not work here: it printed nothing.')
    expect(explainProbeFailure('/usr/bin/bwrap', 'one\ntwo')).not.toContain('\n')
  })
})
