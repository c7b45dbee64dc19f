import kafkajs from 'kafkajs'
import { brokers, ca, eachValue, given, inputEnds, insist, run, tell, within } from './lines.mjs'

const { Kafka, CompressionTypes, logLevel } = kafkajs
const kafka = new Kafka({
  clientId: 'kafkajs',
  brokers,
  ssl: ca ? { ca: [ca] } : false,
  sasl: given.user ? { mechanism: given.mechanism.toLowerCase(), username: given.user, password: given.password } : undefined,
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 400 }
})

await run({
  async produce (topic, codec) {
    // A send that is neither answered nor refused is known of it when brokers die: an application gives up on that producer and takes another.
    const connected = async () => {
      const producer = kafka.producer()
      await insist(() => within(30000, producer.connect()))
      return producer
    }
    let current = connected()
    await current
    const compression = codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None
    tell('ready')
    await eachValue(value => insist(async () => {
      const used = current
      try {
        await within(30000, (await used).send({ topic, compression, acks: -1, messages: [{ value }] }))
      } catch (error) {
        if (current === used) current = connected()
        throw error
      }
      tell('ack', value)
    }))
    await (await current).disconnect()
  },

  async consume (topic, groupId) {
    const consumer = kafka.consumer({ groupId, sessionTimeout: 10000, heartbeatInterval: 500, rebalanceTimeout: 10000, maxWaitTimeInMs: 200, metadataMaxAge: 1000 })
    const { CRASH, GROUP_JOIN, REBALANCING } = consumer.events
    consumer.on(REBALANCING, () => tell('assigned', ''))
    consumer.on(GROUP_JOIN, event => tell('assigned', (event.payload.memberAssignment[topic] ?? []).join(',')))
    const start = () => insist(async () => {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        autoCommitThreshold: 10,
        eachMessage: async ({ partition, message }) => tell('got', partition, message.offset, message.value.toString())
      })
    })
    // Some errors it does not come back from by itself; an application starts it anew.
    consumer.on(CRASH, event => {
      console.error(`crash, restart ${event.payload.restart}: ${event.payload.error.message}`)
      if (!event.payload.restart) start()
    })
    await start()
    await inputEnds()
    await consumer.disconnect()
  },

  async read (topic, partition, offset, count) {
    const consumer = kafka.consumer({ groupId: `seek-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 200 })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    let left = Number(count)
    await new Promise(resolve => {
      consumer.run({
        eachMessage: async ({ partition, message }) => {
          if (left-- > 0) tell('got', partition, message.offset, message.value.toString())
          if (left === 0) resolve()
        }
      })
      consumer.seek({ topic, partition: Number(partition), offset })
    })
    await consumer.disconnect()
  },

  async transact (topic, transactionalId, group) {
    const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    for (const [name, commit] of [['a', false], ['b', true], ['c', false], ['d', true]]) {
      const transaction = await producer.transaction()
      for (let i = 0; i < 10; i++) await transaction.send({ topic, messages: [{ value: `${name}${i}`, partition: 0 }] })
      if (commit) {
        const offset = name === 'b' ? '3' : '7'
        await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic, partitions: [{ partition: 0, offset }] }] })
        await transaction.commit()
        for (let i = 0; i < 10; i++) tell('ack', `${name}${i}`)
      } else {
        await transaction.abort()
      }
    }
    await producer.disconnect()
  }
})
