import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')

const Manifest = z.strictObject({
  name: z.string(),
  url: z.url(),
  description: z.string(),
  public: z.boolean(),
  hook_attributes: z.strictObject({ url: z.url(), active: z.boolean() }),
  setup_on_update: z.boolean(),
  default_permissions: z.record(z.string(), z.enum(['read', 'write'])),
  default_events: z.array(z.string())
})

/** GitHub refuses a manifest that subscribes to an event without this permission ("Default events are not supported"). */
const PERMISSION_OF_EVENT: Readonly<Record<string, string>> = {
  pull_request: 'pull_requests',
  issue_comment: 'issues',
  check_run: 'checks',
  merge_group: 'merge_queues'
}

const text = readFileSync(join(ROOT, 'app.yml'), 'utf8')
const manifest = Manifest.parse(parse(text))

describe('app.yml', () => {
  test('asks for these permissions and no others', () => {
    expect(manifest.default_permissions).toEqual({
      checks: 'write',
      contents: 'read',
      issues: 'read',
      metadata: 'read',
      pull_requests: 'write',
      statuses: 'write'
    })
  })

  test('explains every permission and every event in a comment right above it', () => {
    const lines = text.split('\n').map((line) => line.trim())
    const names = [
      ...Object.entries(manifest.default_permissions).map(([name, access]) => `${name}: ${access}`),
      ...manifest.default_events.map((event) => `- ${event}`)
    ]
    for (const name of names) expect(lines[lines.indexOf(name) - 1], name).toMatch(/^# /)
  })

  test('subscribes only to events that its permissions cover', () => {
    for (const event of manifest.default_events) {
      expect(Object.keys(manifest.default_permissions)).toContain(PERMISSION_OF_EVENT[event])
    }
  })

  test('is private, and its webhooks go to the path that the bot serves', () => {
    expect(manifest.public).toBe(false)
    expect(new URL(manifest.hook_attributes.url).pathname).toBe('/api/github/webhooks')
  })
})
