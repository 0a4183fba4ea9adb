import type { Visit } from './contestant.js'

/** National mobile numbers, each by its block of ten thousand: libphonenumber takes three times as long for some countries as for others. */
const blocks: readonly ((block: number) => string)[] = [
  (block) => `+1${[202, 205, 206, 212, 213, 214, 215, 216, 224, 231][Math.floor(block / 700) % 10]}${200 + (block % 700)}`,
  (block) => `+336${pad(block, 4)}`,
  (block) => `+4474${pad(block, 4)}`,
  (block) => `+49151${pad(block, 4)}`,
]

const pad = (number: number, length: number) => String(number).padStart(length, '0')

/** Few enough to a block for the limit by prefix, and few enough to an address for the limits by client. */
const perBlock = 16
const perAddress = 3

/** As many different people as asked for, the same ones every time. At most 448 000. */
export function visits(count: number): readonly Visit[] {
  return Array.from({ length: count }, (_, index) => {
    const inCountry = Math.floor(index / blocks.length)
    const national = blocks[index % blocks.length] as (block: number) => string
    const phone = national(Math.floor(inCountry / perBlock)) + pad((inCountry % perBlock) * 617, 4)
    const address = Math.floor(index / perAddress)
    return { phone, ip: `10.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}` }
  })
}
