import { InvalidArgumentError } from 'commander'

export const dayMs = 86_400_000

export const asDays = (text: string): number => {
  const days = Number(text)
  if (Number.isInteger(days) && days > 0 && days <= 36_500) return days
  throw new InvalidArgumentError('A number of days, from 1 on.')
}
