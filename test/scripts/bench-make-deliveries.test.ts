import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DELIVERY_BYTES, makeDeliveries } from '#src/scripts/bench/intake/make-deliveries.ts'
import { requestFromPullRequest } from '#src/webhook/pull-request.ts'

const SECRET = 'a secret for this test only'

describe('makeDeliveries', async () => {
  const deliveries = await makeDeliveries(SECRET)

  test('every body has exactly the stated length', () => {
    expect(new Set(deliveries.map(({ body }) => body.length))).toEqual(new Set([DELIVERY_BYTES]))
    expect(DELIVERY_BYTES).toBe(20_000)
  })

  test('every signature is that of its body', () => {
    for (const { body, headers } of deliveries) {
      const digest = createHmac('sha256', SECRET).update(body).digest('hex')
      expect(headers['x-hub-signature-256']).toBe(`sha256=${digest}`)
    }
  })

  test('the bot makes a request for another pull request of each', () => {
    const requests = deliveries.map(({ body }) => requestFromPullRequest('id', JSON.parse(body.toString('utf8'))))

    expect(requests[0]).toMatchObject({ kind: 'pull_request', deliveryId: 'id', pullRequest: 1 })
    expect(new Set(requests.map((request) => request?.kind === 'pull_request' && request.pullRequest)).size).toBe(20)
  })
})
