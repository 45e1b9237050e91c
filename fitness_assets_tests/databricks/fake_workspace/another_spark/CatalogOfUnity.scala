package fitness_assets_tests

import java.util

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.analysis.{NoSuchNamespaceException, NoSuchTableException}
import org.apache.spark.sql.classic.{SparkSession => SessionOfServer}
import org.apache.spark.sql.connector.catalog.{Identifier, NamespaceChange, SupportsNamespaces, Table, TableCatalog, TableChange}
import org.apache.spark.sql.connector.expressions.Transform
import org.apache.spark.sql.delta.catalog.DeltaCatalog
import org.apache.spark.sql.execution.datasources.v2.V2SessionCatalog
import org.apache.spark.sql.types.StructType
import org.apache.spark.sql.util.CaseInsensitiveStringMap

/** A catalog of any name, so that a table has three names: Delta's catalog over the schemas that Spark itself keeps. */
class CatalogOfUnity extends DeltaCatalog {
  private var ownName = ""

  override def initialize(name: String, options: CaseInsensitiveStringMap): Unit = {
    ownName = name
    setDelegateCatalog(new V2SessionCatalog(SparkSession.active.asInstanceOf[SessionOfServer].sessionState.catalog))
  }

  override def name(): String = ownName
}

/** The catalog of the session where nobody names one: nothing of ours is in it, and nothing can be made there. */
class CatalogOfNobody extends TableCatalog with SupportsNamespaces {
  private var ownName = ""

  override def initialize(name: String, options: CaseInsensitiveStringMap): Unit = ownName = name
  override def name(): String = ownName

  override def listNamespaces(): Array[Array[String]] = Array.empty
  override def listNamespaces(namespace: Array[String]): Array[Array[String]] = throw new NoSuchNamespaceException(namespace)
  override def namespaceExists(namespace: Array[String]): Boolean = false
  override def loadNamespaceMetadata(namespace: Array[String]): util.Map[String, String] =
    throw new NoSuchNamespaceException(namespace)
  override def createNamespace(namespace: Array[String], metadata: util.Map[String, String]): Unit = refuse()
  override def alterNamespace(namespace: Array[String], changes: NamespaceChange*): Unit = refuse()
  override def dropNamespace(namespace: Array[String], cascade: Boolean): Boolean = refuse()

  override def listTables(namespace: Array[String]): Array[Identifier] = Array.empty
  override def loadTable(table: Identifier): Table = throw new NoSuchTableException(table)
  override def createTable(
      table: Identifier,
      schema: StructType,
      partitions: Array[Transform],
      properties: util.Map[String, String]): Table = refuse()
  override def alterTable(table: Identifier, changes: TableChange*): Table = throw new NoSuchTableException(table)
  override def dropTable(table: Identifier): Boolean = false
  override def renameTable(from: Identifier, to: Identifier): Unit = throw new NoSuchTableException(from)

  private def refuse(): Nothing =
    throw new UnsupportedOperationException(s"PERMISSION_DENIED: User does not have CREATE SCHEMA on Catalog '$ownName'.")
}
