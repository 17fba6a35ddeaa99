package dev.omniflow.jobs.internal;

import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log of rollouts. What is no readable event is logged and has no effect; it stays in its
 * topic, which is kept for ever.
 */
final class ModelRecordDeserializer implements KafkaRecordDeserializationSchema<ModelEvent> {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(ModelRecordDeserializer.class);

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<ModelEvent> out) {
        try {
            if (record.value() == null) {
                throw new UnreadableEventException(
                        "expected a ModelEvent, but the record has no value");
            }
            out.collect(EventCodec.MODEL.decode(record.value()));
        } catch (UnreadableEventException e) {
            LOG.warn("record {} of {} has no effect", record.offset(), record.topic(), e);
        }
    }

    @Override
    public TypeInformation<ModelEvent> getProducedType() {
        return new AvroTypeInfo<>(ModelEvent.class);
    }
}
