// What the drivers of JavaScript clients share: words in on the command line, values in on standard input, tab-separated events out.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

export const given = JSON.parse(process.env.FOREIGN_CLIENT)
export const brokers = given.bootstrap.split(',')
export const ca = given.ca && readFileSync(given.ca, 'utf8')

export function tell (...words) {
  process.stdout.write(words.join('\t') + '\n')
}

// Calls `use` with each value as soon as it is there, and answers when there is no further one.
export async function eachValue (use) {
  const uses = []
  for await (const line of createInterface({ input: process.stdin })) uses.push(use(line))
  await Promise.all(uses)
}

export function inputEnds () {
  return new Promise(resolve => process.stdin.on('end', resolve).resume())
}

// Tries until it succeeds: an application whose cluster is away for a while does the same.
export async function insist (action) {
  for (;;) {
    try {
      return await action()
    } catch (error) {
      console.error(`${error.name}: ${error.message}`)
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }
}

// Fails when it takes longer: some clients leave a promise alone for good when a connection ends under it.
export function within (milliseconds, promise) {
  let timer
  const late = new Promise((resolve, reject) => { timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms`)), milliseconds) })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export async function run (verbs) {
  const [verb, ...words] = process.argv.slice(2)
  try {
    await verbs[verb](...words)
    process.exit(0)
  } catch (error) {
    console.error(error)
    process.exit(1)
  }
}
