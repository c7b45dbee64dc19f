import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { brokers, ca, eachValue, given, inputEnds, insist, run, tell } from './lines.mjs'

const base = {
  clientId: 'platformatic',
  bootstrapBrokers: brokers,
  tls: ca ? { ca } : undefined,
  sasl: given.user ? { mechanism: given.mechanism, username: given.user, password: given.password } : undefined,
  retries: 20,
  retryDelay: 100,
  metadataMaxAge: 500
}

// When a broker that it means to ask has just left the cluster it throws where no caller can catch it. An application that lives on begins anew with what was under way.
let broken
let breakNow
function mend () {
  broken = new Promise((resolve, reject) => { breakNow = reject })
  broken.catch(() => {})
}
mend()
process.on('uncaughtException', error => {
  console.error(`uncaught: ${error.stack}`)
  const breakOld = breakNow
  mend()
  breakOld(error)
})

const newConsumer = (groupId, more) => new Consumer({
  ...base,
  groupId,
  deserializers: stringDeserializers,
  maxWaitTime: 200,
  ...(more ?? { sessionTimeout: 10000, heartbeatInterval: 500, rebalanceTimeout: 10000 })
})

await run({
  async produce (topic, codec) {
    const newProducer = () => new Producer({ ...base, serializers: stringSerializers })
    let producer = newProducer()
    process.on('uncaughtException', () => { producer = newProducer() })
    tell('ready')
    await eachValue(value => insist(async () => {
      await Promise.race([producer.send({ messages: [{ topic, value }], compression: codec, acks: -1 }), broken])
      tell('ack', value)
    }))
    await producer.close()
  },

  // Its stream ends at the first error that its retries do not outlive; an application begins a new one, in the same group.
  async consume (topic, groupId, protocol) {
    let ending = false
    let end
    const ended = inputEnds().then(() => { ending = true; return end?.() })
    while (!ending) {
      const consumer = newConsumer(groupId, protocol === 'consumer' ? { groupProtocol: 'consumer' } : undefined)
      const assigned = () => tell('assigned', (consumer.assignments ?? []).filter(a => a.topic === topic).flatMap(a => a.partitions).join(','))
      consumer.on('consumer:group:rebalance', () => tell('assigned', ''))
      consumer.on('consumer:group:join', assigned)
      try {
        const stream = await Promise.race([broken, consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: 200 })])
        assigned()
        stream.on('autocommit', error => { if (error) console.error(`commit: ${error.message}`) })
        await Promise.race([broken, new Promise((resolve, reject) => {
          // Its last commit may be refused, where its place in the group was lost meanwhile: it has delivered what it has delivered.
          end = async () => {
            try {
              await stream.close()
              await consumer.close()
            } catch (error) {
              console.error(`close: ${error.message}`)
            }
            resolve()
          }
          if (ending) end()
          stream.on('error', reject)
          stream.on('data', message => tell('got', message.partition, message.offset, message.value))
        })])
      } catch (error) {
        console.error(`${error.name}: ${error.message}`)
        // Closing may throw the same at once.
        const closed = (async () => consumer.close(true))().catch(() => {})
        await Promise.race([closed, new Promise(resolve => setTimeout(resolve, 2000))])
      }
    }
    await ended
  },

  async read (topic, partition, offset, count) {
    const consumer = newConsumer(`seek-${process.pid}-${Date.now()}`)
    const stream = await consumer.consume({
      topics: [topic], mode: 'manual', autocommit: false, offsets: [{ topic, partition: Number(partition), offset: BigInt(offset) }]
    })
    let left = Number(count)
    await new Promise((resolve, reject) => {
      stream.on('error', reject)
      stream.on('data', message => {
        if (left-- > 0) tell('got', message.partition, message.offset, message.value)
        if (left === 0) resolve()
      })
    })
    await stream.close()
    await consumer.close()
  },

  async transact (topic, transactionalId) {
    // It looks for one aborted transaction of a producer in a response, so each producer aborts one.
    for (const names of ['ab', 'cd']) {
      const producer = new Producer({ ...base, transactionalId: transactionalId + names, idempotent: true, serializers: stringSerializers })
      for (const name of names) {
        const transaction = await producer.beginTransaction()
        for (let i = 0; i < 10; i++) await transaction.send({ messages: [{ topic, value: `${name}${i}`, partition: 0 }] })
        if (name === 'b' || name === 'd') {
          await transaction.commit()
          for (let i = 0; i < 10; i++) tell('ack', `${name}${i}`)
        } else {
          await transaction.abort()
        }
      }
      await producer.close()
    }
  }
})
