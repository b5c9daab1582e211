<%@ page contentType="text/html; charset=UTF-8" import="java.sql.*, java.util.*" session="false" %><%!
static String html(String text) {
  return text == null ? "" : text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
}

static Connection connect(String host, String port) throws SQLException {
  String url = "jdbc:mariadb://" + host + ":" + port + "/" + System.getenv("MYSQL_DATABASE") + "?connectTimeout=3000";
  return DriverManager.getConnection(url, "root", System.getenv("MYSQL_ROOT_PASSWORD"));
}
%><%
request.setCharacterEncoding("UTF-8");
String pod = System.getenv("HOSTNAME");
String serviceHost = System.getenv("MYSQL_SERVICE_HOST");
String servicePort = System.getenv("MYSQL_SERVICE_PORT");
String dnsName = "mysql.default.svc.cluster.local";
String wrote = null, read = null;
List<String[]> rows = new ArrayList<>();
long count = 0;

// The row is written to the address that the environment gives ...
try (Connection db = connect(serviceHost, servicePort);
     PreparedStatement insert = db.prepareStatement("INSERT INTO guest (name, pod) VALUES (?, ?)")) {
  String name = request.getParameter("name");
  insert.setString(1, name == null || name.isBlank() ? "a visitor" : name.substring(0, Math.min(64, name.length())));
  insert.setString(2, pod);
  insert.executeUpdate();
} catch (SQLException e) {
  wrote = e.getMessage();
}
// ... and the rows are read from the name that DNS knows.
try (Connection db = connect(dnsName, "3306"); Statement statement = db.createStatement()) {
  try (ResultSet total = statement.executeQuery("SELECT COUNT(*) FROM guest")) {
    total.next();
    count = total.getLong(1);
  }
  try (ResultSet last = statement.executeQuery("SELECT id, name, pod, seen FROM guest ORDER BY id DESC LIMIT 10")) {
    while (last.next()) {
      rows.add(new String[] { last.getString(1), last.getString(2), last.getString(3), last.getString(4) });
    }
  }
} catch (SQLException e) {
  read = e.getMessage();
}
if (wrote != null || read != null) response.setStatus(503);
%><!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Guest book</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1c2733; }
  h1 { font-weight: 600; margin-bottom: 0 }
  table { border-collapse: collapse; width: 100%; margin-top: 1.5rem }
  th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #dde3ea }
  th { font-weight: 600; color: #5b6b7c }
  code { background: #eef2f6; padding: .1rem .3rem; border-radius: 3px }
  input, button { font: inherit; padding: .4rem .7rem; border: 1px solid #b9c4d0; border-radius: 4px }
  button { background: #1f6feb; border-color: #1f6feb; color: #fff }
  .error { color: #b42318 }
</style>
<h1>Guest book</h1>
<p>Served by <code id="pod"><%= html(pod) %></code>. <span id="count"><%= count %></span> rows in MySQL.</p>
<form method="post"><input name="name" placeholder="Your name" maxlength="64" autofocus> <button>Sign</button></form>
<% if (wrote != null) { %><p class="error">Writing failed: <%= html(wrote) %></p><% } %>
<% if (read != null) { %><p class="error">Reading failed: <%= html(read) %></p><% } %>
<table>
<tr><th>#<th>Name<th>Pod<th>Time
<% for (String[] row : rows) { %><tr><td><%= row[0] %><td><%= html(row[1]) %><td><%= html(row[2]) %><td><%= row[3] %>
<% } %></table>
<p>Written to <code>MYSQL_SERVICE_HOST=<%= html(serviceHost) %></code>, read from <code><%= dnsName %></code>.</p>
</html>
