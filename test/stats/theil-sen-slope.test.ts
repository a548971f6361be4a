import { describe, expect, it } from 'vitest'
import { theilSenSlope } from '#stats/theil-sen-slope.ts'
import { seededNormal } from './build-measurements.ts'

const line = (count: number, slope: number) => Array.from({ length: count }, (_, x) => ({ x, y: 7 + slope * x }))

describe('the slope of points', () => {
  it('is that of the line that they lie on', () => {
    expect(theilSenSlope(line(5, -2.5))).toBeCloseTo(-2.5, 12)
  })

  it('is not moved by a quarter of wild points', () => {
    const points = line(20, 3).map((point, index) => (index % 4 === 0 ? { ...point, y: 1e9 } : point))

    expect(Math.abs(theilSenSlope(points) - 3)).toBeLessThan(1)
  })

  it('of more points than are compared in pairs is the same', () => {
    const normal = seededNormal(3)
    const points = line(5000, 0.5).map(({ x, y }) => ({ x, y: y + normal() }))

    expect(theilSenSlope(points)).toBeCloseTo(0.5, 3)
  })

  it('is not known without two points that differ in x', () => {
    expect(theilSenSlope([])).toBeNaN()
    expect(theilSenSlope(line(1, 1))).toBeNaN()
    expect(
      theilSenSlope([
        { x: 1, y: 1 },
        { x: 1, y: 2 }
      ])
    ).toBeNaN()
  })
})
