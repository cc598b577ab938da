"""German, French, Chinese and Japanese sentences, written for this bench: patterns and what fits into them.

Python brings no translations of its own texts, so these stand in for them: enough patterns and words that few sentences
of one frame are alike.
"""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """`patterns` with {a} things, {b} places or means, {c} times or conditions; `between` stands after a sentence."""

    name: str
    between: str
    patterns: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]
    c: tuple[str, ...]


def sentences_of(language: Language, count: int, chance: random.Random) -> list[str]:
    """So many sentences of the language, most of them different."""

    def one(words: tuple[str, ...]) -> str:
        # random() alone gives the same numbers on every Python; choice() and its kin were changed between versions.
        return words[int(chance.random() * len(words))]

    made = []
    for _ in range(count):
        filled = one(language.patterns).format(
            a=one(language.a), a2=one(language.a), b=one(language.b), c=one(language.c)
        )
        made.append(filled[0].upper() + filled[1:] + language.between)
    return made


GERMAN = Language(
    name="German",
    between=" ",
    patterns=(
        "{c} prüft das Programm {a} und schreibt das Ergebnis {b}.",
        "Wenn {a} fehlen, lassen sich {a2} {b} nachträglich ergänzen.",
        "Können Sie mir bitte erklären, warum {a} {b} nicht mehr angezeigt werden?",
        "Die Option „--force“ überschreibt {a}, ohne vorher nachzufragen.",
        "Wir empfehlen, {a} {c} zu sichern und {a2} erst danach zu löschen.",
        "{a} liegen {b}; sie werden {c} automatisch erneuert.",
        "Leider wurden {a} {c} beschädigt, sodass {a2} nicht geöffnet werden konnten.",
        "Gemäß der Anleitung müssen {a} {b} eingetragen sein, bevor {a2} gültig sind.",
        "Für größere Änderungen genügt es, {a} {b} zu hinterlegen.",
        "Was geschieht, wenn {a} {c} nicht übertragen werden?",
        "Damit {a} und {a2} zusammenpassen, müssen beide {b} gleich lauten.",
        "Überprüfen Sie zunächst {a}, danach wählen Sie {b} den Punkt „Übernehmen“.",
        "Standardmäßig werden {a} {c} verworfen; {a2} bleiben erhalten.",
        "Ich habe {a} {b} gefunden, aber {a2} sind offenbar veraltet.",
        "Es ist möglich, {a} rückgängig zu machen, solange {a2} noch {b} stehen.",
        "Rückfragen zu {a} beantworten wir {c} gern per E-Mail.",
        "Beachten Sie: {a} gelten {c}, wenn nichts anderes vereinbart wurde.",
        "Diese Funktion gibt {a} zurück oder löst einen Fehler aus, falls {a2} ungültig sind.",
        "Vielen Dank für Ihre Geduld – {a} sind {c} wieder verfügbar.",
        "Der Aufruf schlägt fehl, sobald {a} größer als der zulässige Höchstwert sind.",
        "Zwischen {a} und {a2} wird {b} nicht unterschieden.",
        "Möchten Sie {a} behalten, so verschieben Sie {a2} {c} in einen anderen Ordner.",
        "Ältere Fassungen haben {a} {b} abgelegt; das ist {c} nicht mehr nötig.",
        "Falls {a} zu groß werden, können {a2} {c} verkleinert oder gelöscht werden.",
        "Nur der Verwalter darf {a} {b} ändern.",
        "Alle übrigen Angaben, insbesondere {a}, sind freiwillig und werden {c} gelöscht.",
        "Sie erreichen uns {c}; halten Sie bitte {a} bereit.",
        "Das Verfahren läuft schneller, wenn {a} {b} zwischengespeichert werden.",
    ),
    a=(
        "die Einstellungen", "die Zugangsdaten", "die Protokolle", "die Rechnungen", "die Prüfsummen",
        "die Dateinamen", "die Umgebungsvariablen", "die Anhänge", "die Bestellnummern", "die Übersetzungen",
        "die Schlüsselwörter", "die Zeitstempel", "die Zertifikate", "die Bücher", "die Gebühren", "die Verträge",
        "die Abhängigkeiten", "die Datensätze", "die Rückgabewerte", "die Zeilenumbrüche", "die Verzeichnisse",
        "die Größenangaben", "die Sicherungskopien", "die Testergebnisse", "die Kundenwünsche", "die Schriftarten",
        "die Maßeinheiten", "die Tabellenköpfe", "die Zwischenschritte", "die Fehlermeldungen", "die Nutzungsrechte",
        "die Lösungsvorschläge",
    ),
    b=(
        "im Menü „Datei“", "in der Konfigurationsdatei", "auf dem Server", "im Ordner „Entwürfe“",
        "über die Befehlszeile", "in der zweiten Spalte", "im Anhang der E-Mail", "auf der Übersichtsseite",
        "unter „Weitere Optionen“", "mit einem Texteditor", "in der Datenbank", "am Ende der Liste",
        "bei der nächsten Anmeldung", "im Hauptfenster", "über das Kundenkonto", "nach dem Öffnen",
        "in einem eigenen Abschnitt", "vor dem ersten Gebrauch", "im Verlauf des Gesprächs", "außerhalb des Projekts",
        "innerhalb der Frist", "auf dem Prüfstand",
    ),
    c=(
        "am nächsten Morgen", "vor jedem Neustart", "spätestens nach zehn Tagen", "seit der letzten Aktualisierung",
        "während der Übertragung", "gegen Mittag", "ab März", "frühestens am Montag", "bei schwacher Verbindung",
        "ohne weitere Rückfrage", "innerhalb von 24 Stunden", "höchstens einmal täglich", "wie üblich", "auf Wunsch",
        "nach Möglichkeit", "im laufenden Betrieb", "beim Schließen", "zu Beginn des Monats", "in der Regel",
        "an Werktagen zwischen acht und siebzehn Uhr", "trotz mehrerer Versuche", "ausnahmsweise",
    ),
)  # fmt: skip
FRENCH = Language(
    name="French",
    between=" ",
    patterns=(
        "{c}, le programme vérifie {a} et enregistre le résultat {b}.",
        "Si {a} sont absents, il suffit d'ajouter {a2} {b}.",
        "Pourriez-vous m'expliquer pourquoi {a} n'apparaissent plus {b} ?",
        "L'option « --force » remplace {a} sans demander de confirmation.",
        "Nous vous conseillons de sauvegarder {a} {c}, puis de supprimer {a2}.",
        "{a} se trouvent {b} ; ils sont renouvelés {c}.",
        "Malheureusement, {a} ont été endommagés {c} et {a2} n'ont pas pu être ouverts.",
        "D'après le manuel, {a} doivent être déclarés {b} avant que {a2} soient valables.",
        "Que se passe-t-il lorsque {a} ne sont pas envoyés {c} ?",
        "Pour que {a} correspondent à l'original, comparez-les {b} avec {a2}.",
        "Vérifiez d'abord {a}, ensuite sélectionnez « Appliquer » {b}.",
        "Par défaut, {a} sont ignorés {c} ; {a2} restent inchangés.",
        "J'ai retrouvé {a} {b}, mais {a2} semblent périmés.",
        "Il est possible de rétablir {a} tant que {a2} figurent encore {b}.",
        "Cette fonction renvoie {a} ou déclenche une erreur lorsque {a2} sont erronés.",
        "Merci de votre patience : {a} seront de nouveau disponibles {c}.",
        "L'appel échoue dès que {a} dépassent la valeur maximale autorisée.",
        "Aucune différence n'est faite entre {a} et {a2} {b}.",
        "Les versions antérieures plaçaient {a} {b} ; ce n'est plus nécessaire.",
        "Seul l'administrateur peut modifier {a} {b}.",
        "À noter : {a} s'appliquent {c}, sauf indication contraire.",
        "Où puis-je télécharger {a} que vous m'avez signalés {c} ?",
        "Le traitement est plus rapide quand {a} sont gardés en mémoire {c}.",
        "Ceci n'affecte ni {a} ni {a2}, même {c}.",
        "Le résultat dépend de la manière dont {a} ont été créés {b}.",
        "N'oubliez pas de joindre {a} : sans cela, {a2} seront refusés {c}.",
    ),
    a=(
        "les paramètres", "les identifiants", "les journaux", "les reçus", "les sommes de contrôle",
        "les noms de fichiers", "les réglages", "les éléments joints", "les numéros de série", "les mots-clés",
        "les horodatages", "les certificats", "les délais", "les contrats signés", "les modules",
        "les enregistrements", "les caractères accentués", "les retours à la ligne", "les répertoires", "les aperçus",
        "les résultats d'essai", "les souhaits des élèves", "les tableaux", "les en-têtes",
        "les étapes intermédiaires", "les messages d'erreur", "les droits d'accès", "les schémas",
        "les modèles préférés", "les relevés", "les câbles", "les créneaux réservés",
    ),
    b=(
        "dans le menu « Fichier »", "dans le fichier de configuration", "sur le serveur",
        "dans le dossier « Brouillons »", "en ligne de commande", "dans la deuxième colonne", "en pièce jointe",
        "sur la page d'accueil", "sous « Options avancées »", "à l'aide d'un éditeur", "dans la base de données",
        "à la fin de la liste", "dans la fenêtre principale", "depuis votre espace client", "après l'ouverture",
        "dans une section séparée", "en dehors du projet", "au début du chapitre", "près de l'entrée",
        "sur l'étiquette du colis",
    ),
    c=(
        "dès le lendemain", "avant chaque redémarrage", "au bout de dix jours", "depuis la dernière mise à jour",
        "pendant le transfert", "vers midi", "à partir de février", "lundi au plus tôt", "en cas de connexion lente",
        "sans autre vérification", "sous 24 heures", "une fois par jour au maximum", "comme prévu", "à votre demande",
        "si possible", "en cours d'exécution", "lors de la fermeture", "au début du mois", "en général",
        "les jours ouvrés de huit à dix-sept heures", "malgré plusieurs essais", "à titre exceptionnel",
    ),
)  # fmt: skip
CHINESE = Language(
    name="Chinese",
    between="",
    patterns=(
        "{c}，程序会检查{a}，并把结果写入{b}。",
        "如果缺少{a}，可以在{b}里补充{a2}。",
        "请问为什么{b}里不再显示{a}？",
        "使用“--force”选项会直接覆盖{a}，不再询问。",
        "建议{c}先备份{a}，然后再删除{a2}。",
        "{a}保存在{b}，{c}自动更新。",
        "很抱歉，{a}在传输时损坏，因此无法打开{a2}。",
        "按照说明，必须先在{b}登记{a}，{a2}才会生效。",
        "{c}没有发送{a}会怎么样？",
        "为了让{a}与{a2}保持一致，请在{b}使用相同的写法。",
        "请先核对{a}，再到{b}点击“应用”。",
        "默认情况下{a}会被忽略，{a2}保持不变。",
        "我在{b}找到了{a}，可是{a2}好像已经过期了。",
        "只要{a2}还在{b}，就可以恢复{a}。",
        "该函数返回{a}；当{a2}无效时会抛出异常。",
        "感谢您的耐心等待，{a}{c}恢复正常。",
        "一旦{a}超过允许的最大值，调用就会失败。",
        "旧版本把{a}放在{b}，现在已经不需要了。",
        "只有管理员才能在{b}修改{a}。",
        "请注意：除非另有约定，{a}{c}有效。",
        "处理速度取决于{a}的数量，而不是{a2}的大小。",
        "我们{c}通过邮件回复有关{a}的问题。",
        "从{b}导出的{a}可以直接用于训练，不必转换{a2}。",
        "{c}请重新登录，然后查看{b}中的{a}。",
    ),
    a=(
        "配置文件", "登录信息", "运行日志", "电子发票", "校验和", "文件名", "环境变量", "邮件附件", "订单编号",
        "中文译文", "关键词", "时间戳", "安全证书", "参考书目", "服务费用", "合同条款", "软件依赖", "数据记录",
        "返回值", "换行符", "目录结构", "备份副本", "测试结果", "客户需求", "字体大小", "计量单位", "表格标题",
        "中间步骤", "错误提示", "使用权限", "解决方案", "网络地址", "学习笔记", "图片压缩包", "内存用量", "课程安排",
    ),
    b=(
        "“文件”菜单", "设置页面", "服务器", "草稿箱", "命令行", "第二列", "首页", "高级选项", "数据库", "列表末尾",
        "主窗口", "个人账户", "单独的章节", "项目以外的地方", "缓存目录", "快递单", "附录", "测试环境", "手机客户端",
        "会议记录",
    ),
    c=(
        "第二天早上", "每次重启之前", "十天之内", "自上次更新以来", "中午前后", "从三月起", "最早星期一",
        "网络较慢时", "二十四小时之内", "每天最多一次", "按照惯例", "根据您的要求", "如有可能", "运行期间",
        "关闭窗口时", "月初", "通常", "工作日上午九点到下午五点", "经过多次尝试之后", "在特殊情况下",
    ),
)  # fmt: skip
JAPANESE = Language(
    name="Japanese",
    between="",
    patterns=(
        "{c}、プログラムは{a}を確認し、結果を{b}に書き込みます。",
        "{a}がない場合は、{b}で{a2}を追加してください。",
        "{b}に{a}が表示されなくなったのはなぜでしょうか。",
        "「--force」を指定すると、確認なしで{a}が上書きされます。",
        "{c}に{a}を保存し、その後で{a2}を削除することをお勧めします。",
        "{a}は{b}にあり、{c}自動的に更新されます。",
        "申し訳ございませんが、{a}が破損したため{a2}を開けませんでした。",
        "説明書によると、{a2}を使う前に{a}を{b}に登録する必要があります。",
        "{a}が送信されないとどうなりますか。",
        "{a}と{a2}が一致するように、{b}でも同じ表記を使ってください。",
        "まず{a}を確認し、次に{b}で「適用」を押します。",
        "既定では{a}は無視され、{a2}はそのまま残ります。",
        "{b}で{a}を見つけましたが、{a2}は古いようです。",
        "{a2}が{b}に残っていれば、{a}を元に戻せます。",
        "この関数は{a}を返します。{a2}が正しくないときは例外を送出します。",
        "お待たせいたしました。{a}は{c}ご利用いただけます。",
        "{a}が上限を超えると、呼び出しは失敗します。",
        "以前の版では{a}を{b}に置いていましたが、今は不要です。",
        "{b}の{a}を変更できるのは管理者だけです。",
        "特に断りのない限り、{a}は{c}有効です。",
        "処理の速さは{a2}の大きさではなく{a}の数で決まります。",
        "{a}についてのお問い合わせには、{c}メールでお答えします。",
        "{b}から書き出した{a}は、そのまま学習に使えます。",
        "もう一度ログインして、{b}の{a}をご覧ください。",
    ),
    a=(
        "設定ファイル", "ログイン情報", "実行ログ", "請求書", "チェックサム", "ファイル名", "環境変数",
        "添付ファイル", "注文番号", "翻訳文", "キーワード", "タイムスタンプ", "証明書", "参考文献", "手数料",
        "契約書", "依存関係", "データの行", "戻り値", "改行文字", "フォルダー", "バックアップ", "テスト結果",
        "お客様の要望", "文字の大きさ", "測定単位", "表の見出し", "途中の手順", "エラーメッセージ", "利用権限",
        "解決策", "アドレス", "学習ノート", "画像", "メモリー使用量", "時間割",
    ),
    b=(
        "「ファイル」メニュー", "設定画面", "サーバー", "下書き", "コマンドライン", "二列目", "トップページ",
        "詳細オプション", "データベース", "一覧の最後", "メインウィンドウ", "お客様のアカウント", "別の節",
        "プロジェクトの外", "キャッシュ", "送り状", "付録", "テスト環境", "スマートフォン", "議事録",
    ),
    c=(
        "翌朝", "再起動の前", "十日以内", "前回の更新以降", "正午ごろ", "三月から", "早ければ月曜日",
        "回線が遅いとき", "二十四時間以内", "一日一回まで", "いつもどおり", "ご希望に応じて", "可能であれば",
        "実行中", "閉じるとき", "月初め", "通常", "平日の九時から五時まで", "何度か試したあと", "例外として",
    ),
)  # fmt: skip
LANGUAGES = (GERMAN, FRENCH, CHINESE, JAPANESE)
