"""What a call to a session raises, of Spark Connect or of a Java in this process."""

from pyspark.errors import PySparkException


def _of_java() -> tuple[type[Exception], ...]:
    try:
        from py4j.protocol import Py4JError
    except ImportError:  # a client of Spark Connect alone has no Java, and comes without it
        return ()
    return (Py4JError,)


ENGINE_FAILURES: tuple[type[Exception], ...] = (PySparkException, *_of_java())
