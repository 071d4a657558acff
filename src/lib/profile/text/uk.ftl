### Власний профіль.

profile-title = Редагування профілю
profile-first-name = Імʼя
profile-last-name = Прізвище
profile-phone = Телефон
profile-free = за бажанням
profile-phone-hint = Із кодом країни, наприклад +380 44 123 45 67.
profile-language = Мова
profile-save = Зберегти
profile-back = Назад без збереження
profile-fixed = Що змінює ваш адміністратор
profile-email = Електронна пошта
profile-company = Компанія
profile-department = Відділ
profile-position = Посада
profile-no-first-name = Введіть імʼя
profile-no-last-name = Введіть прізвище
profile-bad-name = Це не може бути імʼям: є знак, якого в іменах немає, або воно задовге
profile-bad-phone = Це не номер телефону. Почніть зі знака + і коду країни
profile-bad-language = Виберіть одну з мов
