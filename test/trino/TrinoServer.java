/** Starts Trino: the artifact that holds its own main class is not on Maven Central. Java runs this file as it is. */
public class TrinoServer {
    public static void main(String[] arguments) {
        new io.trino.server.Server().start(arguments[0]);
    }
}
