import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;

/** Apache Kafka's error codes: a line "CODE NAME RETRIABLE" each. */
public class ErrorsOracle {
    public static void main(String[] args) {
        for (Errors error : Errors.values())
            System.out.println(error.code() + " " + error.name() + " " + (error.exception() instanceof RetriableException));
    }
}
