<%@ page contentType="text/plain; charset=UTF-8" import="java.sql.*" session="false" %><%
// Ready means: the page could be shown now, so the database answers.
String url = "jdbc:mariadb://" + System.getenv("MYSQL_SERVICE_HOST") + ":" + System.getenv("MYSQL_SERVICE_PORT")
    + "/" + System.getenv("MYSQL_DATABASE") + "?connectTimeout=2000";
try (Connection db = DriverManager.getConnection(url, "root", System.getenv("MYSQL_ROOT_PASSWORD"));
     Statement statement = db.createStatement()) {
  statement.executeUpdate("CREATE TABLE IF NOT EXISTS guest (id INT AUTO_INCREMENT PRIMARY KEY, "
      + "name VARCHAR(64) NOT NULL, pod VARCHAR(64) NOT NULL, seen TIMESTAMP DEFAULT CURRENT_TIMESTAMP)");
  out.print("ok");
} catch (SQLException e) {
  response.setStatus(503);
  out.print("the database does not answer: " + e.getMessage());
}
%>
