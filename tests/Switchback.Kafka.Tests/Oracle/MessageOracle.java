import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Asked on standard input, a line a message: NAME VERSION HEX. Answers with what Apache Kafka's own classes make of it: the bytes they write for what
 * they read, and the fields as JSON. HEX "default" stands for a new object. A line that Kafka refuses is answered with "refused" and the reason.
 */
public class MessageOracle {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            short version = Short.parseShort(words[1]);
            try {
                Message message = (Message) messageClass(words[0]).getDeclaredConstructor().newInstance();
                if (!words[2].equals("default")) {
                    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(words[2]));
                    message.read(new ByteBufferAccessor(bytes), version);
                    if (bytes.hasRemaining())
                        throw new IllegalStateException(bytes.remaining() + " bytes left");
                }
                out.println(write(message, version) + " " + json(message, version));
            } catch (Throwable e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                out.println("refused " + cause.toString().replace('\n', ' '));
            }
        }
        out.flush();
    }

    private static Class<?> messageClass(String name) throws ClassNotFoundException {
        String[] candidates = {
            "org.apache.kafka.common.message." + name + "Data",
            "org.apache.kafka.common.message." + name,
            "org.apache.kafka.coordinator.group.generated." + name,
            "org.apache.kafka.coordinator.transaction.generated." + name,
        };
        for (String candidate : candidates) {
            try {
                return Class.forName(candidate);
            } catch (ClassNotFoundException e) {
                continue;
            }
        }
        throw new ClassNotFoundException(name);
    }

    private static String write(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return HexFormat.of().formatHex(buffer.array());
    }

    private static Object json(Message message, short version) throws Exception {
        Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
        Method write = converter.getMethod("write", message.getClass(), short.class);
        return write.invoke(null, message, version);
    }
}
