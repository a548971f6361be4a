import { describe, expect, test } from 'vitest'
import { parseCloneUrl } from '#workers/source/clone-url.ts'
import { lfsEnvironment, lfsServerUrl } from '#workers/source/lfs-environment.ts'

describe('lfsServerUrl', () => {
  test.each([
    ['https://github.com/acme/voice.git', 'https://github.com/acme/voice.git/info/lfs'],
    ['https://github.com/acme/voice', 'https://github.com/acme/voice.git/info/lfs'],
    ['https://github.com/acme/voice/', 'https://github.com/acme/voice.git/info/lfs'],
    ['http://git.example:8080/a/b.git?x=1#y', 'http://git.example:8080/a/b.git/info/lfs'],
    ['file:///srv/voice', 'file:///srv/voice']
  ])('of %s is %s', (cloneUrl, expected) => {
    expect(lfsServerUrl(parseCloneUrl(cloneUrl))).toBe(expected)
  })
})

describe('lfsEnvironment', () => {
  const place = { gitDirectory: '/job/.git', homeDirectory: '/tmp/home', token: 'ghs_secret' }

  function settingsOf(cloneUrl: string): ReadonlyMap<string, string> {
    const env = lfsEnvironment({ ...place, cloneUrl: parseCloneUrl(cloneUrl) })
    const count = Number(env.GIT_CONFIG_COUNT)
    return new Map(
      Array.from({ length: count }, (_, index) => [
        env[`GIT_CONFIG_KEY_${index}`] ?? '',
        env[`GIT_CONFIG_VALUE_${index}`] ?? ''
      ])
    )
  }

  test('scopes the token to the batch address of the LFS server', () => {
    const settings = settingsOf('https://github.com/acme/voice')

    const headers = [...settings.keys()].filter((key) => key.includes('extraHeader'))
    expect(headers).toEqual(['http.https://github.com/acme/voice.git/info/lfs/objects/batch.extraHeader'])
    expect(settings.get('lfs.url')).toBe('https://github.com/acme/voice.git/info/lfs')
  })

  test('gives a local repository no token', () => {
    expect([...settingsOf('file:///srv/voice').values()].join()).not.toContain('basic')
  })

  test('knows no work tree, whose .lfsconfig would be read', () => {
    const env = lfsEnvironment({ ...place, cloneUrl: parseCloneUrl('https://github.com/acme/voice') })

    expect(env).not.toHaveProperty('GIT_WORK_TREE')
    expect(env.GIT_DIR).toBe('/job/.git')
    expect(settingsOf('https://github.com/acme/voice').get('core.hooksPath')).toBe('/dev/null')
  })
})
